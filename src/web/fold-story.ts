import { sheetRows } from '../domain/action-sheet.ts';
import { headlineOf } from './action-headline.ts';
import { type ActionStory, type StoryEntry, standingOf } from './run-story.ts';

/** Uneventful actions of one tool in one turn, told as one. */
export interface SeveralActions {
  readonly kind: 'several';
  readonly id: string;
  readonly tool: string;
  readonly actions: readonly ActionStory[];
}

const fewest = 3;

/**
 * A turn that reads forty messages is one line, not forty. Only what was simply allowed and done is folded;
 * whatever moved money, was asked, refused or failed stands for itself, and every action keeps its place in the count.
 */
export function foldStory(story: readonly StoryEntry[]): readonly (StoryEntry | SeveralActions)[] {
  const groups = Map.groupBy(story.filter(isQuiet), groupOf);
  const told: (StoryEntry | SeveralActions)[] = [];
  for (const entry of story) {
    const group = isQuiet(entry) ? groups.get(groupOf(entry)) : undefined;
    if (group === undefined || group.length < fewest || !isQuiet(entry)) told.push(entry);
    else if (group[0] === entry) told.push({ kind: 'several', id: groupOf(entry), tool: entry.tool, actions: group });
  }
  return told;
}

function isQuiet(entry: StoryEntry): entry is ActionStory {
  return (
    entry.kind === 'action' &&
    standingOf(entry) === 'done' &&
    entry.asked === undefined &&
    entry.decisions.every(({ decision }) => decision === 'allow') &&
    headlineOf(entry.tool, sheetRows(entry.args, {})).money === undefined
  );
}

function groupOf({ callId, tool }: ActionStory): string {
  return `${callId.slice(0, callId.indexOf('.'))}-${tool}`;
}
