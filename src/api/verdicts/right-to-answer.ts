import { objectionTo, type Verdict, type VerdictObjection } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { rolesAt } from '../../domain/escalation.ts';
import type { ApprovalRow, ApprovalStore } from '../../ports/approval-store.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { LentInVain } from '../delegations/delegation-service.ts';
import { type FittingRight, fittingRight, type LentRights } from '../delegations/lent-rights.ts';
import type { StepUpProof } from './step-up.ts';
import { editorsOf, objectionToPerson, refusedAnswer } from './verdict-objection.ts';

export interface RightDependencies {
  readonly approvals: ApprovalStore;
  readonly blobs: BlobStore;
  readonly keys: Pick<KeyService, 'verify'>;
  readonly lentRights: LentRights;
  readonly clock: Clock;
}

/** By what right somebody may answer, or why he may not. His own right comes first. */
export type RightToAnswer =
  | { readonly kind: 'own' }
  | { readonly kind: 'lent'; readonly right: FittingRight }
  | { readonly kind: 'none'; readonly objection: VerdictObjection; readonly inVain?: LentInVain };

export async function rightToAnswer(
  dependencies: RightDependencies,
  row: ApprovalRow,
  identity: Identity,
): Promise<RightToAnswer> {
  const editors = await editorsOf(dependencies, row);
  const now = isoTime(dependencies.clock);
  const objection = objectionToPerson(row, editors, identity, now);
  if (objection === undefined) return { kind: 'own' };
  if (objection !== 'not-an-approver') return { kind: 'none', objection };
  const rights = await dependencies.lentRights(identity);
  if (rights.length === 0) return { kind: 'none', objection };
  const duties = { ...row, editors };
  const { stepUp } = row.requirement;
  const required = rolesAt(row.requirement, row.createdAt, now);
  const verdicts = await dependencies.approvals.verdicts(row.tenant, row.approvalId);
  const right = fittingRight(rights, { roles: required, stepUp }, duties, verdicts);
  if (right === undefined) {
    const wouldFit = rights.some(({ roles }) => roles.some((role) => required.includes(role)));
    return { kind: 'none', objection, ...(wouldFit && { inVain: stepUp ? 'step-up' : 'lender' }) };
  }
  const own = objectionTo({ ...identity, roles: right.counting }, required, duties);
  return own === undefined ? { kind: 'lent', right } : { kind: 'none', objection: own };
}

/**
 * The right that a verdict is given by, or `not-an-approver` or `self-approval`. A step-up proves who answers and
 * not who lent, so that it goes with his own right only.
 */
export async function requireRight(
  dependencies: RightDependencies,
  row: ApprovalRow,
  identity: Identity,
  proof: StepUpProof['kind'],
): Promise<RightToAnswer> {
  const right = await rightToAnswer(dependencies, row, identity);
  if (right.kind === 'lent' && proof !== 'none') throw refusedLent('step-up');
  if (right.kind === 'none')
    throw right.inVain === undefined ? refusedAnswer(right.objection, row, identity) : refusedLent(right.inVain);
  return right;
}

export function refusedLent(inVain: LentInVain): CountersignError {
  return new CountersignError('not-an-approver', { message: lentInVainText[inVain] });
}

/** What a verdict says of the right that was used, in the place of the approver's own roles. */
export function lentPart(right: RightToAnswer): Partial<Pick<Verdict, 'roles' | 'delegation'>> {
  if (right.kind !== 'lent') return {};
  const { counting, delegationId, lender } = right.right;
  return { roles: counting, delegation: { delegationId, from: lender.subject } };
}

const lentInVainText: Readonly<Record<LentInVain, string>> = {
  'step-up': 'A role that was lent does not count where policy asks for a step-up.',
  'lender': 'What was lent does not count here: its lender started the run, owns the agent, or wrote the arguments.',
};
