import type { ErrorCode } from './error-registry.ts';

export const runStates = ['running', 'waiting', 'held', 'completed', 'refused', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];
export type ClosedRunState = Extract<RunState, 'completed' | 'refused' | 'failed' | 'cancelled'>;

/** Why a run ended without completing, in words for a person. */
export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

export function isClosed(state: RunState): state is ClosedRunState {
  return state === 'completed' || state === 'refused' || state === 'failed' || state === 'cancelled';
}
