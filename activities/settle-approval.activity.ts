import type { ApprovalOutcome, RunKey, SettleApprovalRequest } from '../src/contracts/run-activities.ts';
import type { ActionEnvelope, ActionReference } from '../src/domain/action.ts';
import type { ApprovalState } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { refusalOf } from '../src/domain/decision.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import type { Attempt } from './attempt.ts';
import type { Decide } from './decide-action.ts';
import { judgeApproval, type Settling } from './judge-approval.ts';
import { storedEnvelope } from './stored-envelope.ts';
import { successorOf, supersede } from './supersede-approval.ts';
import { type AnsweredApproval, answeredApproval, verifiedVerdicts } from './verified-verdicts.ts';

/**
 * Looks into the records, whatever a signal claimed: verifies the stored verdicts, evaluates policy again with them
 * as facts, and moves the approval on. The row in SQL decides every race: between verdict and timer, and between the
 * verdicts that were judged here and one that came, or went, meanwhile.
 */
export function createSettleApproval(deps: AgentsDeps, admittedRuns: AdmittedRuns, decide: Decide) {
  return async (request: SettleApprovalRequest, attempt: Attempt): Promise<ApprovalOutcome> => {
    const envelope = await storedEnvelope(deps.blobs, request.run, request.action);
    let answered = await answersTo(deps, request, envelope);
    await recordForgedClaims(deps, request, answered);
    for (let look = 1; look <= looks; look += 1) {
      const outcome = await settleOnce({ deps, admittedRuns, decide, request, envelope, answered, attempt });
      if (outcome !== 'changed') return outcome;
      answered = await answersTo(deps, request, envelope);
    }
    throw new CountersignError('unavailable', {
      message: 'The verdicts of an approval change too often to be judged.',
    });
  };
}

/** Verdicts that come while others are judged; a person gives one, so they soon end. */
const looks = 8;

async function answersTo(
  deps: AgentsDeps,
  { run, action, approvalId }: SettleApprovalRequest,
  envelope: ActionEnvelope,
): Promise<AnsweredApproval> {
  const answered = await answeredApproval(deps, run, approvalId, envelope);
  if (answered === undefined || !isOfAction(answered.approval, run, action)) {
    throw new CountersignError('digest-conflict');
  }
  return answered;
}

async function settleOnce(settling: Settling): Promise<ApprovalOutcome | 'changed'> {
  const { deps, answered } = settling;
  const { run, action } = settling.request;
  const { approval } = answered;
  if (approval.state !== 'pending') return outcomeOf(settling, approval.state);
  const judged = await judgeApproval(settling);
  switch (judged.kind) {
    case 'pending':
      return judged;
    case 'edit':
      return supersede(deps, settling.request, await settling.admittedRuns.admitted(run), approval, judged);
    case 'close': {
      const at = isoTime(deps.clock);
      const records = actionRecords(run, action, at);
      const { to, decision } = judged;
      const decided = decision === undefined ? [] : [records.decided('gate', decision, approval.approvalId)];
      const closed = [...decided, records.approvalClosed(approval.approvalId, to)];
      const inForce = await deps.approvals.close(run.tenant, approval.approvalId, to, at, closed, approval.revision);
      if (inForce === 'pending') return 'changed';
      return inForce === to && decision?.kind === 'deny'
        ? { kind: 'refused', refusal: refusalOf(decision) }
        : outcomeOf(settling, inForce);
    }
    default:
      return assertNever(judged);
  }
}

function isOfAction(approval: ApprovalRow, run: RunKey, action: ActionReference): boolean {
  return approval.runId === run.runId && approval.actionDigest === action.actionDigest;
}

async function outcomeOf(
  { deps, request, answered }: Settling,
  state: ApprovalState,
): Promise<ApprovalOutcome | 'changed'> {
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
    case 'superseded':
      // the row may have been read before it was
      return answered.approval.state === 'superseded' ? successorOf(deps, request, answered.approval) : 'changed';
    case 'withdrawn':
      return { kind: 'refused', refusal: { code: 'denied', rule: 'approval', message: 'The question was withdrawn.' } };
    default:
      return assertNever(state);
  }
}

async function rejectionOf(deps: AgentsDeps, answered: AnsweredApproval): Promise<string> {
  // a reason that cannot be verified now is left out: the approval is rejected whatever it was
  const verdicts = await verifiedVerdicts(deps, answered, answered.approval.requirement).catch((error: unknown) => {
    if (error instanceof CountersignError && error.code === 'identity-provider-unavailable') return [];
    throw error;
  });
  const reason = verdicts.find((verdict) => verdict.verdict === 'reject')?.reason ?? '';
  return reason === '' ? 'A person rejected this.' : `A person rejected this: ${reason}`;
}

async function recordForgedClaims(
  deps: AgentsDeps,
  { run, approvalId, claimed }: SettleApprovalRequest,
  { answers }: AnsweredApproval,
): Promise<void> {
  const standing = new Set(answers.map(({ verdict }) => verdict.verdictId));
  const unknown = claimed.filter((verdictId) => !standing.has(verdictId));
  if (unknown.length === 0) return;
  const withdrawn = await deps.approvals.withdrawnVerdicts(run.tenant, approvalId);
  const known = new Set(withdrawn.map(({ signed }) => signed.verdict.verdictId));
  const forged = unknown.filter((verdictId) => !known.has(verdictId));
  if (forged.length === 0) return;
  const at = isoTime(deps.clock);
  const body = { reason: 'unknown-verdict', count: 1 };
  await deps.outbox.append(
    forged.map((verdictId) => recordOf('signal-refused', run, `${approvalId}/${verdictId}`, at, body)),
  );
}
