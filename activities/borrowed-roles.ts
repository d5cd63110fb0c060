import { activeDelegation } from '../src/digest/delegations.ts';
import type { SeparationOfDuties, Verdict } from '../src/domain/approval.ts';
import type { ApprovalRequirement } from '../src/domain/decision.ts';
import { countingRoles, isWithin } from '../src/domain/delegation.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { KeyService } from '../src/ports/key-service.port.ts';
import type { DecisionDeps } from './activity-deps.ts';

type LendingDeps = Pick<DecisionDeps, 'directory' | 'delegations' | 'clock'> & {
  readonly keys: Pick<KeyService, 'verify'>;
};

/**
 * The roles with which a verdict may count that was given with somebody else's right: lent when it was given, still lent
 * now, and still held by who lent them. What the verdict says of its delegation only leads to the signed document.
 */
export async function borrowedRoles(
  { directory, delegations, keys, clock }: LendingDeps,
  { delegation: named, approver, tenant, at }: Verdict,
  requirement: ApprovalRequirement,
  duties: SeparationOfDuties,
): Promise<readonly string[]> {
  if (named === undefined) return [];
  const row = await delegations.find(tenant, named.delegationId);
  const lent = row && (await activeDelegation(keys, row, { tenant, delegationId: named.delegationId }));
  if (lent === undefined || lent.from !== named.from || lent.to !== approver || lent.from === approver) return [];
  if (!isWithin(lent, at) || !isWithin(lent, isoTime(clock))) return [];
  const lender = await directory.find(lent.from);
  if (lender === undefined || lender.tenant !== tenant) return [];
  return countingRoles(lent.roles, lender, requirement, duties);
}
