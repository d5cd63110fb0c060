import { CountersignError } from '../src/domain/countersign-error.ts';
import { exhaustedBudget, type Mandate } from '../src/domain/mandate.ts';
import type { Clock } from '../src/ports/clock.port.ts';
import type { LedgerStanding } from '../src/ports/effect-ledger.port.ts';
import type { AdmittedRun } from './admitted-run.ts';
import { deadlineOf } from './deadline-of.ts';

/**
 * Before a model is called: fails with `run-closed`, `wall-time-exhausted`, `steps-exhausted` or `budget-exceeded`.
 * A workflow asks for the call, and anybody who can write to the namespace can ask as often as he likes.
 */
export function refuseWhatIsOver(
  clock: Clock,
  admitted: AdmittedRun,
  standing: LedgerStanding,
  sealed?: { readonly mandate: Mandate; readonly turn: number },
): void {
  if (standing.closed) throw new CountersignError('run-closed');
  if (clock.now() >= Date.parse(deadlineOf(admitted))) throw new CountersignError('wall-time-exhausted');
  if (sealed === undefined) return;
  if (sealed.turn > sealed.mandate.budget.steps) throw new CountersignError('steps-exhausted');
  const exhausted = exhaustedBudget(sealed.mandate.budget, standing.spent);
  if (exhausted !== undefined) {
    throw new CountersignError('budget-exceeded', { message: `The run used up its budget of ${exhausted}.` });
  }
}
