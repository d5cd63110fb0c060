import { assertNever } from '../domain/assert-never.ts';
import type { RunState } from '../domain/run.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';

/** What a command that waited for a run ends with. */
export function exitOfRun(state: RunState): ExitCode {
  switch (state) {
    case 'completed':
      return exitCodes.ok;
    case 'refused':
      return exitCodes.denied;
    case 'waiting':
    case 'held':
      return exitCodes.waiting;
    case 'running':
    case 'failed':
    case 'cancelled':
      return exitCodes.failure;
    default:
      return assertNever(state);
  }
}
