import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import { assertNever } from '../../domain/assert-never.ts';
import type { Reason } from '../../domain/decision.ts';
import type { Paint } from '../terminal/paint.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { type Deed, generalWording, type Wording } from './wording.ts';

/** One entry of the timeline: a mark, a sentence, and lines that belong to it. */
export interface TimelineText {
  readonly mark: string;
  readonly text: string;
  readonly below: readonly string[];
}

export type Told =
  | { readonly kind: 'line'; readonly line: TimelineText }
  | { readonly kind: 'counted'; readonly deed: Extract<Deed, { kind: 'counted' }> };

export interface TellingOptions {
  readonly paint: Paint;
  readonly wording: Wording;
  /** Where the pages are, without a trailing slash. */
  readonly pages: string;
}

type Item<Event extends TimelineItem['event']> = Extract<TimelineItem, { event: Event }>;

/** What one event says to the reader; undefined for events that other lines already tell. */
export function tell(item: TimelineItem, options: TellingOptions): Told | undefined {
  const { paint } = options;
  switch (item.event) {
    case 'run-started':
      return line(
        paint.faint('·'),
        `run ${paint.strong(shownLine(item.runId))} of ${item.agent} version ${item.agentVersion}, started by ${shownLine(item.initiator)}`,
      );
    case 'mandate-frozen':
      return mandate(item, options);
    case 'model-called':
      return item.turn === 0
        ? line(paint.faint('·'), `${modelName(item.model, item.rehearsal)} drafts the mandate`)
        : undefined;
    case 'action-decided':
      return decided(item, options);
    case 'approval-opened':
      return line(paint.wait('?'), `${paint.wait('waiting for a person:')} ${deed(item, options).wanted}`, [
        ...reasonTexts(item.reasons, paint),
        paint.accent(`${options.pages}/approvals/${item.approvalId}`),
      ]);
    case 'verdict-given':
      return verdict(item, options);
    case 'approval-closed':
      return approvalClosed(item, options);
    case 'effect-landed':
      return landed(item, options);
    case 'effect-in-doubt':
      return line(
        paint.bad('!'),
        `${paint.bad('in doubt:')} nobody knows whether this happened: ${deed(item, options).wanted}`,
      );
    case 'run-closed':
      return closed(item, paint);
    default:
      return assertNever(item);
  }
}

export function modelName(id: string, rehearsal: boolean): string {
  return rehearsal ? `${shownLine(id)} (the rehearsal model: fixed rules, no language model)` : shownLine(id);
}

/** One text a rule: its own sentence, and its name for whoever looks it up. */
export function reasonTexts(reasons: readonly Reason[], paint: Paint): readonly string[] {
  if (reasons.length === 0) return ['because no rule allows it'];
  return reasons.map(
    ({ rule, message }, at) =>
      `${at === 0 ? 'because' : 'and'} ${shownLine(message)} ${paint.faint(`[${shownLine(rule)}]`)}`,
  );
}

export function deedOfAction(wording: Wording, tool: string, args: Item<'action-decided'>['args']): Deed {
  return wording(tool, args) ?? generalWording(tool, args);
}

function line(mark: string, text: string, below: readonly string[] = []): Told {
  return { kind: 'line', line: { mark, text, below } };
}

function deed({ tool, args }: Pick<Item<'action-decided'>, 'tool' | 'args'>, { wording }: TellingOptions): Deed {
  return deedOfAction(wording, tool, args);
}

function mandate({ tools }: Item<'mandate-frozen'>, { paint }: TellingOptions): Told {
  const list = tools
    .map(({ name, maxCalls }) => `${shownLine(name.slice(name.indexOf('.') + 1))} ≤ ${maxCalls}`)
    .join(', ');
  return line(paint.faint('·'), 'mandate frozen; for the rest of the run nothing but', [paint.faint(list)]);
}

/** A person's own rejection is told when the approval closes. */
function decided(item: Item<'action-decided'>, options: TellingOptions): Told | undefined {
  const { paint } = options;
  if (item.decision !== 'deny' || item.code === 'rejected' || item.code === 'expired') return undefined;
  return line(
    paint.bad('✗'),
    `${paint.bad('refused:')} ${deed(item, options).wanted}`,
    reasonTexts(item.reasons, paint),
  );
}

function verdict(item: Item<'verdict-given'>, options: TellingOptions): Told {
  const words = { approve: 'approved', reject: 'rejected', edit: 'edited' } as const;
  const said = item.reason === undefined || item.reason === '' ? [] : [`“${shownLine(item.reason)}”`];
  return line(
    options.paint.accent('›'),
    `${options.paint.strong(shownLine(item.by))}${item.delegation ? ` for ${shownLine(item.delegation.from)}` : ''} ${words[item.verdict]}: ${deed(item, options).wanted}`,
    said,
  );
}

function approvalClosed(item: Item<'approval-closed'>, options: TellingOptions): Told | undefined {
  const { paint } = options;
  const { wanted } = deed(item, options);
  switch (item.state) {
    case 'rejected':
      return line(paint.bad('✗'), `${paint.bad('rejected by a person:')} ${wanted}`);
    case 'expired':
      return line(paint.bad('✗'), `${paint.bad('nobody answered in time:')} ${wanted}`);
    case 'withdrawn':
      return line(paint.faint('·'), `no longer asked: ${wanted}`);
    case 'superseded':
      return line(paint.faint('·'), `changed by a person, and asked again: ${wanted}`);
    case 'pending':
    case 'approved':
    case 'consumed':
      return undefined;
    default:
      return assertNever(item.state);
  }
}

function landed(item: Item<'effect-landed'>, options: TellingOptions): Told | undefined {
  if (item.tool === 'run.answer') return undefined;
  const { paint } = options;
  const told = deed(item, options);
  if (item.outcome !== 'ok') {
    const what = `${told.wanted}: the tool answered with an error ${paint.faint(`[${shownLine(item.outcome)}]`)}`;
    return told.kind === 'counted'
      ? line(paint.wait('!'), `could not ${what}`)
      : line(paint.bad('✗'), `${paint.bad('failed:')} ${what}`);
  }
  if (told.kind === 'counted') return { kind: 'counted', deed: told };
  return line(
    paint.good('✓'),
    `${told.done}${item.approvalId === undefined ? '' : paint.faint(' (approved by a person)')}`,
  );
}

function closed({ state, failure }: Item<'run-closed'>, paint: Paint): Told {
  if (state === 'completed') return line(paint.good('✓'), paint.good('the run is completed'));
  const why =
    failure === undefined ? [] : [`${shownLine(failure.message)} ${paint.faint(`[${shownLine(failure.code)}]`)}`];
  return line(paint.bad('✗'), paint.bad(`the run ended as ${state}`), why);
}
