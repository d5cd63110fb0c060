import { objectionTo } from '../../domain/approval.ts';
import type { ApprovalRow, StoredVerdict } from '../../ports/approval-store.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { AnswerObjection } from '../services.ts';
import type { StepUpProof } from './step-up.ts';

/** Who may answer at all: 403 in the contract's order. */
export function objectionToPerson(row: ApprovalRow, identity: Identity): AnswerObjection | undefined {
  if (identity.kind !== 'person') return 'not-an-approver';
  return objectionTo(identity, row.requirement.roles, row);
}

/** A proof that does not hold is refused also where none was asked for. */
export function needsStepUp(row: ApprovalRow, proof: StepUpProof): boolean {
  return proof.kind === 'refused' || (proof.kind === 'none' && row.requirement.stepUp);
}

/** Whether the approval still takes answers: 410. An end that cannot be read is over. */
export function isOpen(row: ApprovalRow, now: number): boolean {
  return row.state === 'pending' && now < Date.parse(row.expiresAt);
}

export function hasAnswered(verdicts: readonly StoredVerdict[], identity: Identity): boolean {
  return verdicts.some(({ signed }) => signed.verdict.approver === identity.subject);
}
