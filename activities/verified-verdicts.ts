import { canonicalJson } from '../src/digest/canonical-json.ts';
import { objectionTo, type SignedVerdict, tally, type Verdict } from '../src/domain/approval.ts';
import type { ApprovalRequirement } from '../src/domain/decision.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import type { KeyService } from '../src/ports/key-service.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { isSteppedUp } from './stepped-up.ts';

type VerdictDeps = Pick<DecisionDeps, 'directory' | 'passkeys' | 'passkeyVerifier'> & {
  readonly keys: Pick<KeyService, 'verify'>;
};

/** An approval, and what people have stored under it: claims until they are verified. */
export interface AnsweredApproval {
  readonly approval: ApprovalRow;
  readonly answers: readonly SignedVerdict[];
}

/** Undefined where there is no such approval. */
export async function answeredApproval(
  { approvals }: Pick<DecisionDeps, 'approvals'>,
  tenant: string,
  approvalId: string,
): Promise<AnsweredApproval | undefined> {
  const approval = await approvals.find(tenant, approvalId);
  if (approval === undefined) return undefined;
  const stored = await approvals.verdicts(tenant, approvalId);
  return { approval, answers: stored.map(({ signed }) => signed) };
}

/**
 * Verdicts of an approval that hold now: genuine, bound to this action, by people who may still give them.
 * Needs public keys only: nothing here could make a verdict.
 */
export async function verifiedVerdicts(
  deps: VerdictDeps,
  { approval, answers }: AnsweredApproval,
  requirement: ApprovalRequirement,
): Promise<readonly Verdict[]> {
  const checked = await Promise.all(
    answers.map(async (signed) => ((await holds(deps, approval, requirement, signed)) ? [signed.verdict] : [])),
  );
  return checked.flat();
}

async function holds(
  deps: VerdictDeps,
  approval: ApprovalRow,
  requirement: ApprovalRequirement,
  signed: SignedVerdict,
): Promise<boolean> {
  const { keys, directory } = deps;
  const { verdict } = signed;
  const isBound =
    verdict.approvalId === approval.approvalId &&
    verdict.tenant === approval.tenant &&
    verdict.actionDigest === approval.actionDigest &&
    verdict.renderHash === approval.renderHash;
  if (!isBound || verdict.at > approval.expiresAt) return false;
  if (!(await keys.verify('verdict', canonicalJson(verdict as object as JsonObject), signed))) return false;
  if (requirement.stepUp && !(await isSteppedUp(deps, verdict))) return false;
  const now = await directory.find(verdict.approver);
  if (now === undefined || now.tenant !== approval.tenant) return false;
  // a role counts when it was held at the verdict and is still held now
  const roles = now.roles.filter((role) => verdict.roles.includes(role));
  const groups = [...now.groups, ...verdict.groups];
  const duties = { initiator: approval.initiator, ownerGroup: approval.ownerGroup };
  return objectionTo({ subject: verdict.approver, roles, groups }, requirement.roles, duties) === undefined;
}

export function standingOf(
  verdicts: readonly Verdict[],
  requirement: ApprovalRequirement,
): 'pending' | 'approved' | 'rejected' {
  return tally(verdicts, requirement.quorum);
}

export function approversIn(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(verdicts.filter((verdict) => verdict.verdict === 'approve').map((verdict) => verdict.approver))];
}
