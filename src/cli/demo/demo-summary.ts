import type { RunView } from '../../contracts/http/run.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { Reason } from '../../domain/decision.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type ActionStanding, type ActionStory, runStory, standingOf } from '../../web/run-story.ts';

/** What became of one action that was more than reading. */
export interface SummaryEntry {
  readonly callId: string;
  readonly tool: string;
  readonly args: JsonObject;
  readonly reasons: readonly Reason[];
  readonly approvedBy: readonly string[];
}

export interface DemoSummary {
  readonly state: RunView['state'];
  readonly paidByPolicy: readonly SummaryEntry[];
  readonly paidWithApproval: readonly SummaryEntry[];
  readonly mailed: readonly SummaryEntry[];
  readonly refused: readonly SummaryEntry[];
  readonly flagged: readonly SummaryEntry[];
  readonly filed: readonly SummaryEntry[];
  readonly inDoubt: readonly SummaryEntry[];
  readonly usage: RunView['usage'];
  /** Milliseconds from admission to the end; undefined while the run goes on. */
  readonly durationMs: number | undefined;
}

const notDone: ReadonlySet<ActionStanding> = new Set(['refused', 'rejected', 'expired']);

/** The desk's day out of a run's events. */
export function demoSummary(run: RunView, items: readonly TimelineItem[]): DemoSummary {
  const actions = runStory(items)
    .filter((entry) => entry.kind === 'action')
    .map((story) => ({ story, standing: standingOf(story), entry: entryOf(story) }));
  const done = (tool: string) =>
    actions.filter(({ story, standing }) => story.tool === `invoices.${tool}` && standing === 'done');
  const payments = done('schedule_payment');
  const withApproval = payments.filter(
    ({ story }) => story.effect?.event === 'effect-landed' && story.effect.approvalId !== undefined,
  );
  return {
    state: run.state,
    paidByPolicy: payments.filter((payment) => !withApproval.includes(payment)).map(({ entry }) => entry),
    paidWithApproval: withApproval.map(({ entry }) => entry),
    mailed: done('send_email').map(({ entry }) => entry),
    refused: actions.filter(({ standing }) => notDone.has(standing)).map(({ entry }) => entry),
    flagged: done('flag_for_review').map(({ entry }) => entry),
    filed: done('file_message').map(({ entry }) => entry),
    inDoubt: actions.filter(({ standing }) => standing === 'in-doubt').map(({ entry }) => entry),
    usage: run.usage,
    durationMs: run.closedAt === undefined ? undefined : Date.parse(run.closedAt) - Date.parse(run.startedAt),
  };
}

function entryOf({ callId, tool, args, decisions, verdicts, answered }: ActionStory): SummaryEntry {
  const denial = decisions.findLast(({ decision }) => decision === 'deny');
  const approvedBy = verdicts.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by);
  return { callId, tool, args, reasons: denial?.reasons ?? reasonOfAnswer(answered?.state), approvedBy };
}

function reasonOfAnswer(state: string | undefined): readonly Reason[] {
  if (state === 'rejected') return [{ rule: 'rejected', message: 'A person rejected it.' }];
  if (state === 'expired') return [{ rule: 'expired', message: 'Nobody answered in time.' }];
  return [];
}
