import type { Receipt } from '../../contracts/http/receipt.schema.ts';
import { isGenuine } from '../../digest/delegations.ts';
import type { SeparationOfDuties } from '../../domain/approval.ts';
import type { ApprovalRequirement } from '../../domain/decision.ts';
import { countingRoles, isWithin } from '../../domain/delegation.ts';
import type { KeyService } from '../../ports/key-service.port.ts';

type SignedVerdict = Receipt['verdicts'][number];

/** Whether every verdict that used a lent right has its document: genuine, of these two people, and in force at the time. */
export async function delegationsHold(receipt: Receipt, verifier: Pick<KeyService, 'verify'>): Promise<boolean> {
  const held = await Promise.all(receipt.verdicts.map((signed) => isLent(receipt, signed, verifier)));
  return held.every(Boolean);
}

async function isLent(
  { delegations = [] }: Receipt,
  { verdict }: SignedVerdict,
  verifier: Pick<KeyService, 'verify'>,
): Promise<boolean> {
  const named = verdict.delegation;
  if (named === undefined) return true;
  const document = delegations.find(({ delegation }) => delegation.delegationId === named.delegationId);
  if (document === undefined || !(await isGenuine(verifier, document))) return false;
  const { tenant, from, to, roles } = document.delegation;
  return (
    tenant === verdict.tenant &&
    from === named.from &&
    to === verdict.approver &&
    verdict.roles.every((role) => roles.includes(role)) &&
    isWithin(document.delegation, verdict.at) &&
    (document.endedAt === undefined || verdict.at < document.endedAt)
  );
}

/** The lender's groups stand in no receipt: what can be seen is that he is not the initiator or the editor. */
export function isLenderOpposed(
  { delegation, roles }: SignedVerdict['verdict'],
  requirement: ApprovalRequirement,
  duties: SeparationOfDuties,
): boolean {
  if (delegation === undefined) return false;
  return countingRoles(roles, { subject: delegation.from, roles, groups: [] }, requirement, duties).length === 0;
}
