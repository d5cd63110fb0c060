import type { ApprovalOutcome, RunKey, SettleApprovalRequest } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import type { ApprovalState } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { type Refusal, refusalOf } from '../src/domain/decision.ts';
import { turnOf } from '../src/domain/ids.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import type { Attempt } from './attempt.ts';
import { clearAction } from './clear-action.ts';
import { candidateOf, type Decide, toolOfEnvelope } from './decide-action.ts';
import { storedEnvelope } from './stored-envelope.ts';
import { standingOf, verifiedVerdicts } from './verified-verdicts.ts';

/**
 * Looks into the records, whatever a signal claimed: verifies the stored verdicts, evaluates policy again with them
 * as facts, and moves the approval on. The row in SQL decides every race between verdict and timer.
 */
export function createSettleApproval(deps: AgentsDeps, admittedRuns: AdmittedRuns, decide: Decide) {
  return async (request: SettleApprovalRequest, attempt: Attempt): Promise<ApprovalOutcome> => {
    const { run, action, approvalId } = request;
    const approval = await deps.approvals.find(run.tenant, approvalId);
    if (approval === undefined || approval.runId !== run.runId || approval.actionDigest !== action.actionDigest) {
      throw new CountersignError('digest-conflict');
    }
    await recordForgedClaims(deps, request, approval);
    if (approval.state !== 'pending') return outcomeOf(deps, approval, approval.state);
    const judged = await judge(deps, admittedRuns, decide, run, action, approval, attempt);
    if (judged.kind === 'pending') return judged;
    const at = isoTime(deps.clock);
    const inForce = await deps.approvals.close(
      run.tenant,
      approvalId,
      judged.to,
      at,
      actionRecords(run, action, at).approvalClosed(approvalId, judged.to),
    );
    return inForce === judged.to && judged.refusal !== undefined
      ? { kind: 'refused', refusal: judged.refusal }
      : outcomeOf(deps, approval, inForce);
  };
}

type Judged =
  | { readonly kind: 'pending' }
  | { readonly kind: 'close'; readonly to: Exclude<ApprovalState, 'pending' | 'consumed'>; readonly refusal?: Refusal };

async function judge(
  deps: AgentsDeps,
  admittedRuns: AdmittedRuns,
  decide: Decide,
  run: RunKey,
  action: ActionReference,
  approval: ApprovalRow,
  attempt: Attempt,
): Promise<Judged> {
  const verdicts = await verifiedVerdicts(deps, approval, approval.requirement);
  const standing = standingOf(verdicts, approval.requirement);
  switch (standing) {
    case 'rejected':
      return { kind: 'close', to: 'rejected' };
    case 'pending':
      return pendingUntilExpiry(deps, approval);
    case 'approved':
      return judgeApproved(deps, admittedRuns, decide, run, action, approval, attempt);
    default:
      return assertNever(standing);
  }
}

/** A policy that has come to deny wins over people; one that has come to ask for more of them is heard. */
async function judgeApproved(
  deps: AgentsDeps,
  admittedRuns: AdmittedRuns,
  decide: Decide,
  run: RunKey,
  action: ActionReference,
  approval: ApprovalRow,
  { signal }: Attempt,
): Promise<Judged> {
  const admitted = await admittedRuns.admitted(run);
  const mandate = await admittedRuns.mandate(run);
  const envelope = await storedEnvelope(deps.blobs, run, action);
  const standing = await deps.ledger.standing(run.tenant, run.runId, action.key);
  const candidate = candidateOf(envelope, toolOfEnvelope(deps, envelope.tool), action.toolName);
  const basis = { run, admitted, mandate, standing, steps: turnOf(action.callId), signal };
  const clearance = await clearAction(deps, decide, candidate, basis, approval).catch((error: unknown) => {
    // What cannot be decided is tried again, but not beyond the time that people were given.
    if (error instanceof CountersignError && isDue(deps, approval)) return 'undecidable' as const;
    throw error;
  });
  if (clearance === 'undecidable') return { kind: 'close', to: 'expired' };
  if (clearance.kind === 'unanswered') return pendingUntilExpiry(deps, approval);
  await deps.outbox.append([actionRecords(run, action, isoTime(deps.clock)).decided('gate', clearance.decision)]);
  switch (clearance.kind) {
    case 'cleared':
      return { kind: 'close', to: 'approved' };
    case 'refused':
      return { kind: 'close', to: 'withdrawn', refusal: refusalOf(clearance.decision) };
    default:
      return assertNever(clearance);
  }
}

function pendingUntilExpiry(deps: AgentsDeps, approval: ApprovalRow): Judged {
  return isDue(deps, approval) ? { kind: 'close', to: 'expired' } : { kind: 'pending' };
}

function isDue({ clock }: AgentsDeps, { expiresAt }: ApprovalRow): boolean {
  return clock.now() >= Date.parse(expiresAt);
}

async function outcomeOf(deps: AgentsDeps, approval: ApprovalRow, state: ApprovalState): Promise<ApprovalOutcome> {
  switch (state) {
    case 'pending':
      return { kind: 'pending' };
    case 'approved':
    case 'consumed':
      return { kind: 'approved' };
    case 'rejected':
      return {
        kind: 'refused',
        refusal: { code: 'rejected', rule: 'approval', message: await rejectionOf(deps, approval) },
      };
    case 'expired':
      return {
        kind: 'refused',
        refusal: { code: 'expired', rule: 'approval', message: 'Nobody answered in time, which is a rejection.' },
      };
    case 'withdrawn':
    case 'superseded':
      return { kind: 'refused', refusal: { code: 'denied', rule: 'approval', message: 'The question was withdrawn.' } };
    default:
      return assertNever(state);
  }
}

async function rejectionOf(deps: AgentsDeps, approval: ApprovalRow): Promise<string> {
  const verdicts = await verifiedVerdicts(deps, approval, approval.requirement);
  const reason = verdicts.find((verdict) => verdict.verdict === 'reject')?.reason ?? '';
  return reason === '' ? 'A person rejected this.' : `A person rejected this: ${reason}`;
}

async function recordForgedClaims(
  deps: AgentsDeps,
  { run, approvalId, claimed }: SettleApprovalRequest,
  approval: ApprovalRow,
): Promise<void> {
  if (claimed.length === 0) return;
  const stored = await deps.approvals.verdicts(approval.tenant, approvalId);
  const known = new Set(stored.map(({ signed }) => signed.verdict.verdictId));
  const at = isoTime(deps.clock);
  const forged = claimed.filter((verdictId) => !known.has(verdictId));
  const body = { reason: 'unknown-verdict', count: 1 };
  await deps.outbox.append(
    forged.map((verdictId) => recordOf('signal-refused', run, `${approvalId}/${verdictId}`, at, body)),
  );
}
