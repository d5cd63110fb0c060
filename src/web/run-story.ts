import type { SteerMessageView } from '../contracts/http/steering.schema.ts';
import type { TimelineItem } from '../contracts/http/timeline.schema.ts';
import { assertNever } from '../domain/assert-never.ts';

type Item<Event extends TimelineItem['event']> = Extract<TimelineItem, { event: Event }>;

/** Everything that happened to one action, gathered from the events that name its call. */
export interface ActionStory {
  readonly kind: 'action';
  readonly at: string;
  readonly callId: string;
  readonly tool: string;
  readonly args: Item<'action-decided'>['args'];
  /** Oldest first: when proposed, after people answered, at the effect. */
  readonly decisions: readonly Item<'action-decided'>[];
  readonly asked?: Item<'approval-opened'>;
  readonly verdicts: readonly Item<'verdict-given'>[];
  /** Arguments that a person wrote in the place of others, oldest first. */
  readonly edits: readonly StoryEdit[];
  readonly answered?: Item<'approval-closed'>;
  readonly effect?: Item<'effect-landed'> | Item<'effect-in-doubt'>;
}

export interface StoryEdit {
  /** Undefined where the verdict is not among the events. */
  readonly by: string | undefined;
  readonly before: Item<'action-decided'>['args'];
  readonly after: Item<'action-decided'>['args'];
}

export type StoryEntry =
  | { readonly kind: 'started'; readonly item: Item<'run-started'> }
  | { readonly kind: 'planned'; readonly item: Item<'mandate-frozen'> }
  | { readonly kind: 'thought'; readonly item: Item<'model-called'> }
  | { readonly kind: 'closed'; readonly item: Item<'run-closed'> }
  /** A message of the principal, where he said it. */
  | { readonly kind: 'said'; readonly item: SteerMessageView }
  | ActionStory;

/** Where an action stands, for its one mark in the story. */
export type ActionStanding =
  | 'done'
  | 'failed'
  | 'in-doubt'
  | 'refused'
  | 'rejected'
  | 'expired'
  | 'withdrawn'
  | 'waiting'
  | 'under-way';

/** Events by position → the story, each action once, at the place where it was first proposed. */
export function runStory(
  items: readonly TimelineItem[],
  said: readonly SteerMessageView[] = [],
): readonly StoryEntry[] {
  const story: StoryEntry[] = [];
  const places = new Map<string, number>();
  for (const item of items) {
    switch (item.event) {
      case 'run-started':
        story.push({ kind: 'started', item });
        break;
      case 'mandate-frozen':
        story.push({ kind: 'planned', item });
        break;
      case 'model-called':
        story.push({ kind: 'thought', item });
        break;
      case 'run-closed':
        story.push({ kind: 'closed', item });
        break;
      case 'action-decided':
      case 'approval-opened':
      case 'verdict-given':
      case 'approval-closed':
      case 'effect-landed':
      case 'effect-in-doubt': {
        const place = places.get(item.callId) ?? story.length;
        places.set(item.callId, place);
        const entry = story[place];
        story[place] = told(entry?.kind === 'action' ? entry : opened(item), item);
        break;
      }
      default:
        assertNever(item);
    }
  }
  return withMessages(story, said);
}

function withMessages(story: readonly StoryEntry[], said: readonly SteerMessageView[]): readonly StoryEntry[] {
  const told = [...story];
  for (const item of said) {
    const next = told.findIndex((entry) => timeOf(entry) > item.at);
    told.splice(next === -1 ? told.length : next, 0, { kind: 'said', item });
  }
  return told;
}

export function timeOf(entry: StoryEntry): string {
  return entry.kind === 'action' ? entry.at : entry.item.at;
}

/** What became of it, the last word first: an effect outweighs an answer, an answer outweighs a decision. */
export function standingOf({ decisions, asked, answered, effect }: ActionStory): ActionStanding {
  if (effect?.event === 'effect-in-doubt') return 'in-doubt';
  if (effect !== undefined) return effect.outcome === 'ok' ? 'done' : 'failed';
  if (answered?.state === 'rejected') return 'rejected';
  if (answered?.state === 'expired') return 'expired';
  if (answered?.state === 'withdrawn' || answered?.state === 'superseded') return 'withdrawn';
  if (decisions.at(-1)?.decision === 'deny') return 'refused';
  return asked !== undefined && answered === undefined ? 'waiting' : 'under-way';
}

type ActionItem = Extract<TimelineItem, { callId: string }>;

function opened({ at, callId, tool, args }: ActionItem): ActionStory {
  return { kind: 'action', at, callId, tool, args, decisions: [], verdicts: [], edits: [] };
}

/** An edit asks again, about other arguments. */
function editedSince(
  { asked, args: before, edits, verdicts }: ActionStory,
  { args: after }: Item<'approval-opened'>,
): Pick<ActionStory, 'edits'> {
  if (asked === undefined) return { edits };
  const by = verdicts.findLast(({ verdict }) => verdict === 'edit')?.by;
  return { edits: [...edits, { by, before, after }] };
}

function told(story: ActionStory, item: ActionItem): ActionStory {
  switch (item.event) {
    case 'action-decided':
      return { ...story, decisions: [...story.decisions, item] };
    case 'approval-opened': {
      const { answered: _, ...open } = story;
      return { ...open, ...editedSince(story, item), args: item.args, asked: item };
    }
    case 'verdict-given':
      return { ...story, verdicts: [...story.verdicts, item] };
    case 'approval-closed':
      return { ...story, answered: item };
    case 'effect-landed':
    case 'effect-in-doubt':
      return { ...story, effect: item };
    default:
      return assertNever(item);
  }
}
