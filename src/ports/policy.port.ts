import type { ApprovalRequirement, Reason } from '../domain/decision.ts';
import type { JsonObject } from '../domain/json.ts';
import type { PolicyRequest } from '../domain/policy-request.ts';

export type { PolicyRequest };

export interface Obligation {
  readonly kind: string;
  readonly parameters: JsonObject;
}

export type PolicyVerdict =
  | { readonly kind: 'allow'; readonly reasons: readonly Reason[]; readonly obligations: readonly Obligation[] }
  | { readonly kind: 'ask'; readonly reasons: readonly Reason[]; readonly requirement: ApprovalRequirement }
  /** `errors` is not empty when the denial came from a failure of evaluation, which is an alert. */
  | { readonly kind: 'deny'; readonly reasons: readonly Reason[]; readonly errors: readonly string[] };

export interface PolicyEvaluation {
  readonly verdict: PolicyVerdict;
  /** Digest of the bundle (schema and policies) that decided. */
  readonly policyDigest: string;
  readonly durationMs: number;
}

/** The PDP. Never throws: what cannot be evaluated is a deny. */
export interface PolicyPort {
  readonly policyDigest: string;
  evaluate(request: PolicyRequest): Promise<PolicyEvaluation>;
}
