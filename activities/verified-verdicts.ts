import type { RunKey } from '../src/contracts/run-activities.ts';
import { editorsIn, editsThatWrote } from '../src/digest/edits.ts';
import { isOfApproval, isSignedVerdict } from '../src/digest/signed-verdicts.ts';
import type { ActionEnvelope } from '../src/domain/action.ts';
import { objectionTo, type SignedVerdict, tally, type Verdict, type VerdictStanding } from '../src/domain/approval.ts';
import type { ApprovalRequirement } from '../src/domain/decision.ts';
import { latestOf, rolesAt } from '../src/domain/escalation.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import type { KeyService } from '../src/ports/key-service.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { borrowedRoles } from './borrowed-roles.ts';
import { isSteppedUp } from './stepped-up.ts';

type VerdictDeps = Pick<
  DecisionDeps,
  'directory' | 'delegations' | 'clock' | 'passkeys' | 'passkeyVerifier' | 'reauthentication'
> & {
  readonly keys: Pick<KeyService, 'verify'>;
};

/** An approval, and what people have stored under it: claims until they are verified. */
export interface AnsweredApproval {
  /** Opened, for all that is judged here, when the latest of the claims about it says; see `answeredApproval`. */
  readonly approval: ApprovalRow;
  readonly answers: readonly SignedVerdict[];
  /** Who wrote the arguments of the action, as their signatures say: they do not count. */
  readonly editors: readonly string[];
}

/**
 * The approval and its answers, with the editors of this very action. Undefined where there is no such approval.
 * When it was opened decides whose verdict counts: no sooner than the row says, than the envelope that people signed
 * says, and than the signed edit that made the action. The effect adds the run's ticket.
 */
export async function answeredApproval(
  { approvals, keys }: Pick<DecisionDeps, 'approvals' | 'keys'>,
  run: RunKey,
  approvalId: string,
  { tool, args, createdAt, edited }: Pick<ActionEnvelope, 'tool' | 'args' | 'createdAt' | 'edited'>,
): Promise<AnsweredApproval | undefined> {
  // The row before its verdicts: one that is stored in between makes the row's revision an old one.
  const approval = await approvals.find(run.tenant, approvalId);
  if (approval === undefined) return undefined;
  const stored = await approvals.verdicts(run.tenant, approvalId);
  const edits = await editsThatWrote({ approvals, keys }, run, tool, args);
  const made = edits.filter(({ verdictId }) => verdictId === edited?.verdictId).map(({ at }) => at);
  return {
    approval: { ...approval, createdAt: latestOf(approval.createdAt, createdAt, ...made) },
    answers: stored.map(({ signed }) => signed),
    editors: editorsIn(edits),
  };
}

/**
 * Verdicts of an approval that hold now: genuine, bound to this action, by people who may still give them.
 * Needs public keys only: nothing here could make a verdict.
 */
export async function verifiedVerdicts(
  deps: VerdictDeps,
  answered: AnsweredApproval,
  requirement: ApprovalRequirement,
): Promise<readonly Verdict[]> {
  const checked = await Promise.all(
    answered.answers.map(async (signed) =>
      (await holds(deps, answered, requirement, signed)) ? [signed.verdict] : [],
    ),
  );
  return checked.flat();
}

async function holds(
  deps: VerdictDeps,
  { approval, editors }: AnsweredApproval,
  requirement: ApprovalRequirement,
  signed: SignedVerdict,
): Promise<boolean> {
  const { keys, directory } = deps;
  const { verdict } = signed;
  if (!isOfApproval(verdict, approval) || verdict.at > approval.expiresAt) return false;
  if (!(await isSignedVerdict(keys, signed))) return false;
  if (requirement.stepUp && !(await isSteppedUp(deps, verdict))) return false;
  const now = await directory.find(verdict.approver);
  if (now === undefined || now.tenant !== approval.tenant) return false;
  const groups = [...now.groups, ...verdict.groups];
  const duties = { initiator: approval.initiator, ownerGroup: approval.ownerGroup, editors };
  const asked = rolesAt(requirement, approval.createdAt, verdict.at);
  // a role counts when it was held at the verdict and is still held now, by him or by who lent it to him
  const held =
    verdict.delegation === undefined
      ? now.roles
      : await borrowedRoles(deps, verdict, { ...requirement, roles: asked }, duties);
  const roles = held.filter((role) => verdict.roles.includes(role));
  return objectionTo({ subject: verdict.approver, roles, groups }, asked, duties) === undefined;
}

export function standingOf(verdicts: readonly Verdict[], requirement: ApprovalRequirement): VerdictStanding {
  return tally(verdicts, requirement.quorum);
}

export function approversIn(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(verdicts.filter((verdict) => verdict.verdict === 'approve').map((verdict) => verdict.approver))];
}
