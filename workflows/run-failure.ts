import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { type ErrorCode, errorRegistry, isErrorCode } from '../src/domain/error-registry.ts';
import type { ClosedRunState, RunFailure } from '../src/domain/run.ts';

/** Codes with which a run was not allowed to go on, as opposed to those with which something failed. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ticket-invalid',
  'start-denied',
  'mandate-invalid',
  'mandate-corrupt',
  'digest-conflict',
]);

export function stateOf(failure: RunFailure): Extract<ClosedRunState, 'refused' | 'failed'> {
  return refusals.has(failure.code) ? 'refused' : 'failed';
}

/** What an activity failed with, in words for a person; undefined for anything that is a defect of ours. */
export function runFailureOf(error: unknown): RunFailure | undefined {
  if (error instanceof ApplicationFailure) return fromApplication(error);
  if (!(error instanceof ActivityFailure)) return undefined;
  if (error.cause instanceof ApplicationFailure) return fromApplication(error.cause);
  if (error.cause instanceof TimeoutFailure) return failure('unavailable', `${error.activityType} ran out of time.`);
  return failure('internal', `${error.activityType} failed.`);
}

function fromApplication(error: ApplicationFailure): RunFailure {
  return isErrorCode(error.type) ? failure(error.type, error.message) : failure('internal');
}

export function failure(code: ErrorCode, message?: string): RunFailure {
  return { code, message: message || errorRegistry[code].title };
}
