import type { ApprovalOutcome, SettleApprovalRequest } from '../src/contracts/run-activities.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRun } from './admitted-run.ts';
import type { EditedQuestion } from './decide-edit.ts';
import { storeEnvelope } from './envelope-of.ts';
import { questionOf } from './question-of.ts';

/**
 * Puts the edited action in the place of the old one: same key, new digest, new question. One statement closes the one
 * question and opens the other, so a crash leaves either the old one or its successor, and a retry finds which.
 */
export async function supersede(
  deps: AgentsDeps,
  request: SettleApprovalRequest,
  admitted: AdmittedRun,
  approval: ApprovalRow,
  { envelope, decision }: EditedQuestion,
): Promise<ApprovalOutcome | 'changed'> {
  const { run } = request;
  const action = await storeEnvelope(deps, run, envelope, request.action);
  const at = isoTime(deps.clock);
  const { row: successor, summary } = await questionOf(deps, { run, admitted, action, envelope, decision, at });
  const { approvalId, expiresAt } = successor;
  const records = actionRecords(run, action, at);
  const done = await deps.approvals.supersede(approval, { row: successor, summary }, at, [
    actionRecords(run, request.action, at).approvalClosed(approval.approvalId, 'superseded'),
    records.decided('gate', decision, approval.approvalId),
    records.approvalOpened(approvalId, expiresAt),
  ]);
  return done ? { kind: 'edited', action, approvalId, expiresAt } : 'changed';
}

/** What became of a question that was superseded before: a retry, or a run that was reset, goes on from there. */
export async function successorOf(
  { approvals }: AgentsDeps,
  { run, action }: SettleApprovalRequest,
  { approvalId, supersededBy }: ApprovalRow,
): Promise<ApprovalOutcome> {
  const row = supersededBy === undefined ? undefined : await approvals.find(run.tenant, supersededBy);
  if (row === undefined || row.runId !== run.runId || row.callId !== action.callId)
    throw new CountersignError('internal', { message: `Approval ${approvalId} was superseded by none.` });
  const { actionDigest, envelopeRef, expiresAt } = row;
  const outcome = {
    kind: 'edited',
    action: { ...action, actionDigest, envelopeRef },
    approvalId: row.approvalId,
    expiresAt,
  } as const;
  return row.state === 'pending' ? outcome : { ...outcome, closed: true };
}
