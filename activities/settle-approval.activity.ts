import type { ApprovalOutcome, RunKey, SettleApprovalRequest } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import type { ApprovalState } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { type Decision, refusalOf } from '../src/domain/decision.ts';
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
import { type AnsweredApproval, answeredApproval, standingOf, verifiedVerdicts } from './verified-verdicts.ts';

/**
 * Looks into the records, whatever a signal claimed: verifies the stored verdicts, evaluates policy again with them
 * as facts, and moves the approval on. The row in SQL decides every race between verdict and timer.
 */
export function createSettleApproval(deps: AgentsDeps, admittedRuns: AdmittedRuns, decide: Decide) {
  return async (request: SettleApprovalRequest, attempt: Attempt): Promise<ApprovalOutcome> => {
    const { run, action, approvalId } = request;
    const answered = await answeredApproval(deps, run.tenant, approvalId);
    if (answered === undefined || !isOfAction(answered.approval, run, action)) {
      throw new CountersignError('digest-conflict');
    }
    await recordForgedClaims(deps, request, answered);
    const { approval } = answered;
    if (approval.state !== 'pending') return outcomeOf(deps, answered, approval.state);
    const judged = await judge(deps, admittedRuns, decide, run, action, answered, attempt);
    if (judged.kind === 'pending') return judged;
    const at = isoTime(deps.clock);
    const records = actionRecords(run, action, at);
    const inForce = await deps.approvals.close(run.tenant, approvalId, judged.to, at, [
      ...(judged.decision === undefined ? [] : [records.decided('gate', judged.decision)]),
      records.approvalClosed(approvalId, judged.to),
    ]);
    return inForce === judged.to && judged.decision?.kind === 'deny'
      ? { kind: 'refused', refusal: refusalOf(judged.decision) }
      : outcomeOf(deps, answered, inForce);
  };
}

function isOfAction(approval: ApprovalRow, run: RunKey, action: ActionReference): boolean {
  return approval.runId === run.runId && approval.actionDigest === action.actionDigest;
}

type Judged =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'close';
      readonly to: Exclude<ApprovalState, 'pending' | 'consumed'>;
      /** Of policy, where it was asked again. */
      readonly decision?: Exclude<Decision, { kind: 'ask' }>;
    };

async function judge(
  deps: AgentsDeps,
  admittedRuns: AdmittedRuns,
  decide: Decide,
  run: RunKey,
  action: ActionReference,
  answered: AnsweredApproval,
  attempt: Attempt,
): Promise<Judged> {
  const { requirement } = answered.approval;
  const standing = standingOf(await verifiedVerdicts(deps, answered, requirement), requirement);
  switch (standing) {
    case 'rejected':
      return { kind: 'close', to: 'rejected' };
    case 'pending':
      return pendingUntilExpiry(deps, answered.approval);
    case 'approved':
      return judgeApproved(deps, admittedRuns, decide, run, action, answered, attempt);
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
  answered: AnsweredApproval,
  { signal }: Attempt,
): Promise<Judged> {
  const admitted = await admittedRuns.admitted(run);
  const mandate = await admittedRuns.mandate(run);
  const envelope = await storedEnvelope(deps.blobs, run, action);
  const standing = await deps.ledger.standing(run.tenant, run.runId, action.key);
  const candidate = candidateOf(envelope, toolOfEnvelope(deps, envelope.tool), action.toolName);
  const basis = { run, admitted, mandate, standing, steps: turnOf(action.callId), signal };
  const clearance = await clearAction(deps, decide, candidate, basis, answered).catch((error: unknown) => {
    // What cannot be decided is tried again, but not beyond the time that people were given.
    if (error instanceof CountersignError && isDue(deps, answered.approval)) return 'undecidable' as const;
    throw error;
  });
  if (clearance === 'undecidable') return { kind: 'close', to: 'expired' };
  if (clearance.kind === 'unanswered') return pendingUntilExpiry(deps, answered.approval);
  const { decision } = clearance;
  switch (clearance.kind) {
    case 'cleared':
      return { kind: 'close', to: 'approved', decision };
    case 'refused':
      return { kind: 'close', to: 'withdrawn', decision };
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

async function outcomeOf(deps: AgentsDeps, answered: AnsweredApproval, state: ApprovalState): Promise<ApprovalOutcome> {
  switch (state) {
    case 'pending':
      return { kind: 'pending' };
    case 'approved':
    case 'consumed':
      return { kind: 'approved' };
    case 'rejected':
      return {
        kind: 'refused',
        refusal: { code: 'rejected', rule: 'approval', message: await rejectionOf(deps, answered) },
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

async function rejectionOf(deps: AgentsDeps, answered: AnsweredApproval): Promise<string> {
  const verdicts = await verifiedVerdicts(deps, answered, answered.approval.requirement);
  const reason = verdicts.find((verdict) => verdict.verdict === 'reject')?.reason ?? '';
  return reason === '' ? 'A person rejected this.' : `A person rejected this: ${reason}`;
}

async function recordForgedClaims(
  deps: AgentsDeps,
  { run, approvalId, claimed }: SettleApprovalRequest,
  { answers }: AnsweredApproval,
): Promise<void> {
  const known = new Set(answers.map(({ verdict }) => verdict.verdictId));
  const forged = claimed.filter((verdictId) => !known.has(verdictId));
  if (forged.length === 0) return;
  const at = isoTime(deps.clock);
  const body = { reason: 'unknown-verdict', count: 1 };
  await deps.outbox.append(
    forged.map((verdictId) => recordOf('signal-refused', run, `${approvalId}/${verdictId}`, at, body)),
  );
}
