import type { Verdict } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import type { Decision } from '../src/domain/decision.ts';
import type { DecisionDeps } from './activity-deps.ts';
import type { Candidate, Decide, DecisionBasis } from './decide-action.ts';
import { type AnsweredApproval, approversIn, standingOf, verifiedVerdicts } from './verified-verdicts.ts';

type Deny = Extract<Decision, { kind: 'deny' }>;

export type Clearance =
  | {
      readonly kind: 'cleared';
      readonly decision: Extract<Decision, { kind: 'allow' }>;
      readonly verdicts: readonly Verdict[];
    }
  | { readonly kind: 'unanswered'; readonly decision: Extract<Decision, { kind: 'ask' }> }
  | { readonly kind: 'refused'; readonly decision: Deny };

/**
 * Policy first without any approval, so that the quorum comes from policy and from nobody else; then, if people have
 * given exactly that, policy again with their approval as a fact. An approval is never a bypass: whatever does not
 * come out as an allow the second time is refused.
 */
export async function clearAction(
  deps: DecisionDeps,
  decide: Decide,
  candidate: Candidate,
  basis: Omit<DecisionBasis, 'approvers' | 'recorded'>,
  answered: AnsweredApproval | undefined,
): Promise<Clearance> {
  const { decision, recorded } = await decide(candidate, { ...basis, approvers: [] });
  switch (decision.kind) {
    case 'allow':
      return { kind: 'cleared', decision, verdicts: [] };
    case 'deny':
      return { kind: 'refused', decision };
    case 'ask': {
      const verdicts = answered === undefined ? [] : await verifiedVerdicts(deps, answered, decision.requirement);
      if (standingOf(verdicts, decision.requirement) !== 'approved') return { kind: 'unanswered', decision };
      return decideWithApproval(decide, candidate, { ...basis, recorded }, verdicts);
    }
    default:
      return assertNever(decision);
  }
}

async function decideWithApproval(
  decide: Decide,
  candidate: Candidate,
  basis: Omit<DecisionBasis, 'approvers'>,
  verdicts: readonly Verdict[],
): Promise<Clearance> {
  const { decision } = await decide(candidate, { ...basis, approvers: approversIn(verdicts) });
  switch (decision.kind) {
    case 'allow':
      return { kind: 'cleared', decision, verdicts };
    case 'deny':
      return { kind: 'refused', decision };
    case 'ask':
      return { kind: 'refused', decision: { ...decision, kind: 'deny', code: 'denied' } };
    default:
      return assertNever(decision);
  }
}
