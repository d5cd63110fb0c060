import type { RunKey } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import type { ApprovalState } from '../src/domain/approval.ts';
import type { AuditRecord } from '../src/domain/audit-record.ts';
import type { Decision } from '../src/domain/decision.ts';
import { approvalClosedRecord, recordOf } from '../src/domain/record-bodies.ts';

/** Records about one action, with keys that follow from what happened: a retry of the same thing adds nothing. */
export function actionRecords(run: RunKey, action: ActionReference, at: string) {
  const { callId, tool, envelopeRef, actionDigest } = action;
  const of = { callId, tool, envelopeRef, actionDigest };
  return {
    /** At the gate with the approval that it was decided for: an edit brings the same call there again. */
    decided: (point: 'proposal' | 'gate' | 'effect', decision: Decision, approvalId?: string): AuditRecord =>
      recordOf('action-decided', run, nameOf(callId, point, approvalId), at, {
        ...of,
        kind: action.kind,
        point,
        decision: decision.kind,
        ...(decision.kind === 'deny' ? { code: decision.code } : {}),
        reasons: decision.reasons,
        policyDigest: decision.policyDigest,
      }),
    approvalOpened: (approvalId: string, expiresAt: string): AuditRecord =>
      recordOf('approval-opened', run, `${callId}/${approvalId}`, at, { ...of, approvalId, expiresAt }),
    approvalClosed: (approvalId: string, state: ApprovalState): AuditRecord =>
      approvalClosedRecord(run, { ...of, approvalId }, state, at),
    reserved: (policyDigest: string, approvalId: string | undefined): AuditRecord =>
      recordOf('effect-reserved', run, callId, at, {
        ...of,
        attempt: 1,
        policyDigest,
        ...(approvalId === undefined ? {} : { approvalId }),
      }),
    landed: (outcomeRef: string, outcome: string, approvalId: string | undefined): AuditRecord =>
      recordOf('effect-landed', run, callId, at, {
        ...of,
        outcomeRef,
        outcome,
        ...(approvalId === undefined ? {} : { approvalId }),
      }),
    didNotHappen: (reason: string): AuditRecord =>
      recordOf('effect-did-not-happen', run, callId, at, { ...of, reason }),
    inDoubt: (reason: string): AuditRecord => recordOf('effect-in-doubt', run, callId, at, { ...of, reason }),
  };
}

function nameOf(callId: string, point: string, approvalId: string | undefined): string {
  return approvalId === undefined ? `${callId}/${point}` : `${callId}/${point}/${approvalId}`;
}
