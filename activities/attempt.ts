import { ApplicationFailure, activityInfo, Context } from '@temporalio/activity';
import { CountersignError } from '../src/domain/countersign-error.ts';

/** Below the heartbeat timeout of `workflows/activities.ts`, with room for a blocked event loop. */
const heartbeatEveryMs = 1_000;

/** Attempts after which the outside has said no often enough. Crashes of a worker count too, so this is not a limit of the run. */
export const attemptsBeforeGivingUp = 8;

export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly signal: AbortSignal;
  /** True where each attempt before this one has reported that nothing was sent; silence of one is enough for doubt. */
  readonly nothingSentBefore: boolean;
  /** For the next attempt: this one sent nothing, and neither did any before it. A crash before the report is doubt. */
  reportNothingSent(): void;
}

/** The heartbeat details by which one attempt tells the next; those of another activity say nothing about this one. */
interface NothingSent {
  readonly nothingSentThrough: number;
  readonly of: string;
}

/**
 * Runs the body of an activity: heartbeats while it lasts (or a cancellation would never arrive),
 * and turns our errors into failures that carry the code as their type. This is the only place where that happens.
 */
export async function attempt<Result>(body: (attempt: Attempt) => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const { attempt: number, heartbeatDetails, activityId, workflowExecution, isLocal } = activityInfo();
  const of = `${workflowExecution?.runId}/${activityId}`;
  let report: NothingSent | undefined;
  // a local activity is part of its workflow task, and nobody waits for its heartbeats
  const beat = isLocal ? undefined : setInterval(() => context.heartbeat(report), heartbeatEveryMs);
  try {
    return await body({
      number,
      signal: context.cancellationSignal,
      nothingSentBefore: number > 1 && nothingSentThrough(heartbeatDetails, of) === number - 1,
      reportNothingSent: () => {
        report = { nothingSentThrough: number, of };
        context.heartbeat(report);
      },
    });
  } catch (error) {
    if (context.cancellationSignal.aborted) await context.cancelled;
    throw error instanceof CountersignError ? failureOf(error) : error;
  } finally {
    clearInterval(beat);
  }
}

/** Whoever can write to the namespace can heartbeat with what he saw elsewhere, sealed as it was. */
function nothingSentThrough(details: unknown, of: string): unknown {
  if (typeof details !== 'object' || details === null) return undefined;
  const report: Partial<NothingSent> = details;
  return report.of === of ? report.nothingSentThrough : undefined;
}

function failureOf(error: CountersignError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.row.retryable,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}
