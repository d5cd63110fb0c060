import { editorsIn, editsThatWrote } from '../../digest/edits.ts';
import { objectionTo, type VerdictObjection } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { askedFrom, rolesAt } from '../../domain/escalation.ts';
import type { ApprovalRow, ApprovalStore, StoredVerdict } from '../../ports/approval-store.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { AnswerObjection } from '../approvals/approval-service.ts';
import { readEnvelope } from '../approvals/stored-action.ts';
import type { StepUpProof } from './step-up.ts';

/** Who wrote the arguments that the row asks about, by signed edits of its run: the row itself is not believed. */
export async function editorsOf(
  dependencies: {
    readonly approvals: ApprovalStore;
    readonly blobs: BlobStore;
    readonly keys: Pick<KeyService, 'verify'>;
  },
  row: ApprovalRow,
): Promise<readonly string[]> {
  // The envelope may be lost, and only matters where somebody wrote into the run.
  if ((await dependencies.approvals.edits(row.tenant, row.runId)).length === 0) return [];
  const { tool, args } = await readEnvelope(dependencies.blobs, row);
  return editorsIn(await editsThatWrote(dependencies, row, tool, args));
}

/** Who may answer at all: 403 in the contract's order. `now` in ISO 8601: later more roles may be asked. */
export function objectionToPerson(
  row: ApprovalRow,
  editors: readonly string[],
  identity: Identity,
  now: string,
): VerdictObjection | undefined {
  if (identity.kind !== 'person') return 'not-an-approver';
  return objectionTo(identity, rolesAt(row.requirement, row.createdAt, now), { ...row, editors });
}

/** The refusal as it is told: whose role is asked later learns from when. */
export function refusedAnswer(objection: AnswerObjection, row: ApprovalRow, identity: Identity): CountersignError {
  const from = objection === 'not-an-approver' ? askedFrom(row.requirement, row, identity.roles) : undefined;
  return new CountersignError(
    objection,
    from === undefined ? {} : { message: `This identity is asked from ${from} on, if nobody has decided by then.` },
  );
}

/** A proof that does not hold is refused also where none was asked for. */
export function needsStepUp(row: ApprovalRow, proof: StepUpProof['kind']): boolean {
  return proof === 'refused' || (proof === 'none' && row.requirement.stepUp);
}

/** Whether the approval still takes answers: 410. An end that cannot be read is over. */
export function isOpen(row: ApprovalRow, now: number): boolean {
  return row.state === 'pending' && now < Date.parse(row.expiresAt);
}

export function hasAnswered(verdicts: readonly StoredVerdict[], identity: Identity): boolean {
  return verdicts.some(({ signed }) => signed.verdict.approver === identity.subject);
}
