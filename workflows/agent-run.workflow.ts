import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ResolvedRun, RunKey } from '../src/contracts/run-activities.ts';
import type { ClosedRunState, RunFailure } from '../src/domain/run.ts';
import {
  type CredentialedActivities,
  closeRun,
  credentialed,
  recordRefusedSignals,
  resolveAgent,
} from './activities.ts';
import { type RunStart, statusQuery } from './messages.ts';
import { failure, runFailureOf, stateOf } from './run-failure.ts';
import { runKeyOf } from './run-key.ts';
import { afterActing, type CarriedRun, type RunProgress, slotOf } from './run-state.ts';
import { openRunVisibility, type RunVisibility } from './run-visibility.ts';
import { settleActions } from './settle-actions.ts';
import { openSteeringInbox, type SteeringInbox } from './steering-inbox.ts';
import { openVerdictInbox, type VerdictInbox } from './verdict-inbox.ts';

export interface RunOutcome {
  readonly state: ClosedRunState;
  readonly turns: number;
}

/** What a run has from its first moment on, before it is known what it is made of. */
interface BegunRun {
  readonly key: RunKey;
  readonly inbox: VerdictInbox;
  readonly steering: SteeringInbox;
  readonly visibility: RunVisibility;
}

interface LiveRun extends BegunRun {
  readonly resolved: ResolvedRun;
  readonly activities: CredentialedActivities;
  readonly firstTurn: number;
}

/** Runs one task to an end state. No action runs without a recorded decision. */
export async function agentRun(start: RunStart, carried?: CarriedRun): Promise<RunOutcome> {
  const inbox = openVerdictInbox(carried?.seenVerdicts ?? []);
  const steering = openSteeringInbox(carried?.steering);
  const visibility = openRunVisibility();
  setHandler(statusQuery, visibility.status);
  const begun: BegunRun = { key: runKeyOf(start), inbox, steering, visibility };
  const { key } = begun;
  let progress: RunProgress | undefined = carried?.progress;
  try {
    const resolved = carried?.resolved ?? (await resolveAgent(key));
    progress ??= await plan(key, resolved, visibility);
    const activities = credentialed(resolved.queues);
    const run: LiveRun = { ...begun, resolved, activities, firstTurn: progress.turn };
    while (progress.kind !== 'answered') {
      progress = await step(run, progress);
      if (hasRefused(run)) await recordRefused(run);
      if (mustContinue(run, progress)) return await continueRun(run, start, progress);
    }
    return await close(begun, progress, { state: 'completed', outputRef: progress.outputRef });
  } catch (error) {
    if (isCancellation(error)) return await CancellationScope.nonCancellable(() => cancel(begun, progress, error));
    const reason = runFailureOf(error);
    if (reason === undefined) throw error;
    return await fail(begun, progress, reason);
  }
}

async function plan(key: RunKey, resolved: ResolvedRun, visibility: RunVisibility): Promise<RunProgress> {
  visibility.classify(resolved.risk);
  visibility.enter('planning', 0);
  await credentialed(resolved.queues).freezeMandate(key);
  return { kind: 'thinking', turn: 1, transcript: resolved.transcript, results: [] };
}

/** One half of a turn: think and be judged, or act on what was judged. */
async function step(run: LiveRun, progress: Exclude<RunProgress, { kind: 'answered' }>): Promise<RunProgress> {
  refuseWhatIsOverTheLimits(run.resolved, progress);
  switch (progress.kind) {
    case 'thinking': {
      run.visibility.enter('running', progress.turn);
      const claimed = run.steering.claims();
      const request = { run: run.key, ...pick(progress), ...(claimed.length > 0 && { claimed }) };
      const { transcript, proposed } = await run.activities.infer(request);
      run.steering.settle(claimed);
      return { kind: 'acting', turn: progress.turn, transcript, slots: proposed.map(slotOf) };
    }
    case 'acting': {
      const settling = {
        run: run.key,
        inbox: run.inbox,
        activities: run.activities,
        hasRefused: () => hasRefused(run),
        recordRefused: () => recordRefused(run),
        mustContinue: () => isFlooded(run) || workflowInfo().continueAsNewSuggested,
        onChange: run.visibility.showSlots,
      };
      const slots = await settleActions(settling, progress.slots);
      return afterActing({ ...progress, slots });
    }
    default:
      return progress satisfies never;
  }
}

const pick = ({ turn, transcript, results }: Extract<RunProgress, { kind: 'thinking' }>) => ({
  turn,
  transcript,
  results,
});

function refuseWhatIsOverTheLimits(resolved: ResolvedRun, progress: RunProgress): void {
  const over =
    Date.now() >= Date.parse(resolved.deadline)
      ? 'wall-time-exhausted'
      : progress.kind === 'thinking' && progress.turn > resolved.steps
        ? 'steps-exhausted'
        : undefined;
  if (over !== undefined) throw ApplicationFailure.nonRetryable(failure(over).message, over);
}

function mustContinue(run: LiveRun, progress: RunProgress): boolean {
  if (progress.kind === 'answered') return false;
  const isWaiting = progress.kind === 'acting' && progress.slots.some((slot) => slot.kind === 'waiting');
  const isLong = progress.turn - run.firstTurn >= run.resolved.turnsPerExecution;
  return isWaiting || isLong || workflowInfo().continueAsNewSuggested;
}

async function continueRun(run: LiveRun, start: RunStart, progress: RunProgress): Promise<never> {
  const carried: CarriedRun = {
    resolved: run.resolved,
    progress,
    seenVerdicts: run.inbox.seenVerdicts(),
    steering: run.steering.carried(),
  };
  return continueAsNew<typeof agentRun>(start, carried);
}

const isFlooded = ({ inbox, steering }: BegunRun): boolean => inbox.isFlooded() || steering.isFlooded();
const hasRefused = ({ inbox, steering }: BegunRun): boolean => inbox.hasRefused() || steering.hasRefused();

async function recordRefused({ key, inbox, steering }: BegunRun): Promise<void> {
  const refused = [...inbox.takeRefused(), ...steering.takeRefused()];
  if (refused.length === 0) return;
  const { runId: temporalRunId, historyLength: sequence } = workflowInfo();
  await recordRefusedSignals({ run: key, temporalRunId, sequence, refused });
}

async function close(
  run: BegunRun,
  progress: RunProgress | undefined,
  end: { readonly state: ClosedRunState; readonly failure?: RunFailure; readonly outputRef?: string },
): Promise<RunOutcome> {
  const { key, steering, visibility } = run;
  visibility.enter('closing', progress?.turn ?? 0);
  const claimed = steering.claims();
  await closeRun({ run: key, ...end, ...(claimed.length > 0 && { claimed }) });
  visibility.close(end.state);
  return { state: end.state, turns: progress?.turn ?? 0 };
}

async function fail(run: BegunRun, progress: RunProgress | undefined, reason: RunFailure): Promise<never> {
  await close(run, progress, { state: stateOf(reason), failure: reason });
  throw ApplicationFailure.nonRetryable(reason.message, reason.code);
}

async function cancel(run: BegunRun, progress: RunProgress | undefined, error: unknown): Promise<never> {
  await close(run, progress, { state: 'cancelled', failure: failure('cancelled') });
  throw error instanceof CancelledFailure ? error : new CancelledFailure('The run was cancelled.');
}
