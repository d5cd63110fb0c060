import type { SettleApprovalRequest } from '../src/contracts/run-activities.ts';
import type { ActionEnvelope } from '../src/domain/action.ts';
import { type ApprovalState, isEdit, type Verdict } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Decision } from '../src/domain/decision.ts';
import { turnOf } from '../src/domain/ids.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import type { Attempt } from './attempt.ts';
import { clearAction } from './clear-action.ts';
import { candidateOf, type Decide, type DecisionBasis, toolOfEnvelope } from './decide-action.ts';
import { decideEdit, type EditedQuestion } from './decide-edit.ts';
import { type AnsweredApproval, standingOf, verifiedVerdicts } from './verified-verdicts.ts';

/** An approval that is being settled, with all that the judgement may look at. */
export interface Settling {
  readonly deps: AgentsDeps;
  readonly admittedRuns: AdmittedRuns;
  readonly decide: Decide;
  readonly request: SettleApprovalRequest;
  readonly envelope: ActionEnvelope;
  readonly answered: AnsweredApproval;
  readonly attempt: Attempt;
}

export type Judged =
  | { readonly kind: 'pending' }
  | ({ readonly kind: 'edit' } & EditedQuestion)
  | {
      readonly kind: 'close';
      readonly to: Exclude<ApprovalState, 'pending' | 'consumed' | 'superseded'>;
      /** Of policy, where it was asked again. */
      readonly decision?: Exclude<Decision, { kind: 'ask' }>;
    };

/** What the verified verdicts, and policy with them as facts, come to. Nothing is written here. */
export async function judgeApproval(settling: Settling): Promise<Judged> {
  return (await whileDecidable(settling, () => judgeVerdicts(settling))) ?? { kind: 'close', to: 'expired' };
}

async function judgeVerdicts(settling: Settling): Promise<Judged> {
  const { deps, answered } = settling;
  const { requirement } = answered.approval;
  const verdicts = await verifiedVerdicts(deps, answered, requirement);
  const standing = standingOf(verdicts, requirement);
  switch (standing) {
    case 'rejected':
      return { kind: 'close', to: 'rejected' };
    case 'pending':
      return pendingUntilExpiry(settling);
    case 'approved':
      return judgeApproved(settling);
    case 'edited':
      return judgeEdit(settling, verdicts);
    default:
      return assertNever(standing);
  }
}

/** What cannot be decided is tried again, but not beyond the time that people were given: undefined. */
function whileDecidable(settling: Settling, judging: () => Promise<Judged>): Promise<Judged | undefined> {
  return judging().catch((error: unknown) => {
    if (error instanceof CountersignError && isDue(settling)) return undefined;
    throw error;
  });
}

/** A policy that has come to deny wins over people; one that has come to ask for more of them is heard. */
async function judgeApproved(settling: Settling): Promise<Judged> {
  const { deps, decide, envelope, answered } = settling;
  const { action } = settling.request;
  const candidate = candidateOf(envelope, toolOfEnvelope(deps, envelope.tool), action.toolName);
  const clearance = await clearAction(deps, decide, candidate, await basisOf(settling), answered);
  switch (clearance.kind) {
    case 'cleared':
      return { kind: 'close', to: 'approved', decision: clearance.decision };
    case 'refused':
      return { kind: 'close', to: 'withdrawn', decision: clearance.decision };
    case 'unanswered':
      return pendingUntilExpiry(settling);
    default:
      return assertNever(clearance);
  }
}

/** The first edit is followed. What it makes is decided like any proposal: a deny is the end of it. */
async function judgeEdit(settling: Settling, verdicts: readonly Verdict[]): Promise<Judged> {
  const { deps, envelope } = settling;
  const edit = verdicts.find(isEdit);
  if (edit === undefined) throw new CountersignError('digest-conflict');
  const question = await decideEdit(deps, settling.decide, await basisOf(settling), envelope, edit);
  return question.kind === 'deny'
    ? { kind: 'close', to: 'withdrawn', decision: question }
    : { ...question, kind: 'edit' };
}

async function basisOf({ deps, admittedRuns, request, attempt }: Settling): Promise<Omit<DecisionBasis, 'approvers'>> {
  const { run, action } = request;
  const admitted = await admittedRuns.admitted(run);
  const mandate = await admittedRuns.mandate(run);
  const standing = await deps.ledger.standing(run.tenant, run.runId, action.key);
  return { run, admitted, mandate, standing, steps: turnOf(action.callId), signal: attempt.signal };
}

function pendingUntilExpiry(settling: Settling): Judged {
  return isDue(settling) ? { kind: 'close', to: 'expired' } : { kind: 'pending' };
}

function isDue({ deps: { clock }, answered: { approval } }: Settling): boolean {
  return clock.now() >= Date.parse(approval.expiresAt);
}
