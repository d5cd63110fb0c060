import type { ActionKind } from './action.ts';
import type { ApprovalState, VerdictKind } from './approval.ts';
import type { AuditKind, AuditRecord } from './audit-record.ts';
import type { Reason } from './decision.ts';
import type { JsonObject } from './json.ts';
import type { NudgeMedium, NudgeOccasion } from './nudge.ts';
import type { RunFailure, RunState } from './run.ts';

/** What every record about one action says of it; its content is behind `envelopeRef`. */
interface OfAction {
  readonly callId: string;
  readonly tool: string;
  readonly envelopeRef: string;
  readonly actionDigest: string;
}

/** One person's answer to a question about an action. */
interface OfVerdict extends OfAction {
  readonly approvalId: string;
  readonly verdictId: string;
  readonly by: string;
}

/** A message that pointed somebody to a question. The channel is the operator's name for it, never an address. */
interface OfNudge {
  readonly nudgeId: string;
  readonly approvalId: string;
  readonly occasion: NudgeOccasion;
  readonly channel: string;
  readonly medium: NudgeMedium;
  readonly attempts: number;
}

/** The fingerprint is what two people compared. */
interface OfPasskey {
  readonly passkeyId: string;
  readonly subject: string;
  readonly fingerprint: string;
}

/** Who lent what to whom; the document itself is signed. */
interface OfDelegation {
  readonly delegationId: string;
  readonly from: string;
  readonly to: string;
  readonly roles: readonly string[];
  readonly begins: string;
  readonly ends: string;
}

/** The facts that each kind of record holds: ids, digests, codes, references, and no content. */
export interface RecordBodies {
  readonly 'run-started': {
    readonly agent: string;
    readonly agentVersion: number;
    readonly initiator: string;
    readonly taskRef: string;
  };
  readonly 'mandate-frozen': {
    readonly tools: readonly { readonly name: string; readonly maxCalls: number }[];
    readonly expiresAt: string;
  };
  readonly 'model-called': {
    /** 0 is the planning call. */
    readonly turn: number;
    readonly model: string;
    readonly rehearsal: boolean;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costMicroUsd: number;
  };
  readonly 'action-decided': OfAction & {
    readonly kind: ActionKind;
    /** Where it was decided: when proposed, after people had answered, or at the effect. */
    readonly point: 'proposal' | 'gate' | 'effect';
    readonly decision: 'allow' | 'ask' | 'deny';
    readonly code?: string;
    readonly reasons: readonly Reason[];
    readonly policyDigest: string;
  };
  readonly 'approval-opened': OfAction & { readonly approvalId: string; readonly expiresAt: string };
  /** More roles are asked, since a time that policy named. */
  readonly 'approval-widened': OfAction & {
    readonly approvalId: string;
    readonly roles: readonly string[];
    readonly since: string;
  };
  readonly 'verdict-given': OfVerdict & {
    readonly verdict: VerdictKind;
    /** Whose right he used, where it was not his own. */
    readonly delegation?: { readonly delegationId: string; readonly from: string };
  };
  readonly 'verdict-withdrawn': OfVerdict;
  readonly 'approval-noted': OfAction & { readonly approvalId: string; readonly noteId: string; readonly by: string };
  readonly 'verdict-refused': { readonly approvalId: string; readonly by: string; readonly code: string };
  readonly 'signal-refused': { readonly reason: string; readonly count: number };
  readonly 'run-steered': {
    readonly steerId: string;
    readonly by: string;
    readonly position: number;
    readonly textRef: string;
  };
  readonly 'steering-taken': { readonly turn: number; readonly steerIds: readonly string[] };
  /** An attempt that was refused, or a stored message that does not verify. */
  readonly 'steering-refused': { readonly by: string; readonly code: string };
  readonly 'approval-closed': OfAction & { readonly approvalId: string; readonly state: ApprovalState };
  readonly 'effect-reserved': OfAction & {
    readonly attempt: number;
    readonly policyDigest: string;
    readonly approvalId?: string;
  };
  readonly 'effect-landed': OfAction & {
    readonly approvalId?: string;
    readonly outcomeRef: string;
    /** `ok`, or the code that the model was told instead of a result. */
    readonly outcome: string;
  };
  readonly 'effect-did-not-happen': OfAction & { readonly reason: string };
  readonly 'effect-in-doubt': OfAction & { readonly reason: string };
  readonly 'run-closed': { readonly state: RunState; readonly failure?: RunFailure; readonly outputRef?: string };
  readonly 'session-opened': { readonly subject: string };
  readonly 'sessions-ended': {
    readonly subject: string;
    /** Subject of who ended them; empty where the identity provider did. */
    readonly by: string;
    readonly reason: 'signed-out' | 'ended-by-admin' | 'refused-by-provider';
    /** One session only, by its public id. */
    readonly sessionId?: string;
  };
  readonly 'passkey-enrolled': OfPasskey;
  readonly 'passkey-confirmed': OfPasskey & { readonly by: string };
  readonly 'passkey-revoked': OfPasskey & { readonly by: string };
  readonly 'approvals-delegated': OfDelegation;
  readonly 'delegation-ended': OfDelegation & { readonly by: string };
  readonly 'manifest-published': { readonly name: string; readonly digest: string };
  readonly 'policy-activated': { readonly digest: string };
  readonly 'nudge-sent': OfNudge;
  /** Given up, with what the last attempt met. */
  readonly 'nudge-failed': OfNudge & { readonly code: string };
}

/** One state a question closes in, one record: whoever closes it, and however often. */
export function approvalClosedRecord(
  run: { readonly tenant: string; readonly runId: string },
  { callId, tool, envelopeRef, actionDigest, approvalId }: OfAction & { readonly approvalId: string },
  state: ApprovalState,
  at: string,
): AuditRecord {
  const body = { callId, tool, envelopeRef, actionDigest, approvalId, state };
  return recordOf('approval-closed', run, `${callId}/${approvalId}/${state}`, at, body);
}

/** A record of one run. `name` makes its key unique within the run and must follow from what happened, not from when. */
export function recordOf<Kind extends AuditKind>(
  kind: Kind,
  run: { readonly tenant: string; readonly runId: string },
  name: string,
  occurredAt: string,
  body: RecordBodies[Kind],
): AuditRecord {
  return {
    recordKey: `${run.tenant}/${run.runId}/${kind}/${name}`,
    tenant: run.tenant,
    runId: run.runId,
    kind,
    occurredAt,
    body: body as object as JsonObject,
  };
}
