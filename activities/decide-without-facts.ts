import { CountersignError } from '../src/domain/countersign-error.ts';
import { type ErrorCode, errorRegistry } from '../src/domain/error-registry.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { type Attempt, attemptsBeforeGivingUp } from './attempt.ts';
import { type Decide, denied } from './decide-action.ts';

const undecidable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['facts-unavailable', 'tool-unreachable']);

/** What cannot be decided, after it was tried often enough, is denied: one dead server must not hold up the whole run. */
export function decideInTheEnd(deps: Pick<DecisionDeps, 'policy'>, decide: Decide, attempt: Attempt): Decide {
  if (attempt.number < attemptsBeforeGivingUp) return decide;
  return async (candidate, basis) => {
    try {
      return await decide(candidate, basis);
    } catch (error) {
      if (!(error instanceof CountersignError) || !undecidable.has(error.code)) throw error;
      return denied(deps, 'facts-unavailable', errorRegistry['facts-unavailable'].title, 'tool-failed');
    }
  };
}
