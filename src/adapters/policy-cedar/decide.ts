import { statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { ApprovalRequirement, Reason } from '../../domain/decision.ts';
import { mergedEscalation } from '../../domain/escalation.ts';
import type { PolicyVerdict } from '../../ports/policy.port.ts';
import type { CedarCall } from './cedar-call.ts';
import type { ParsedPolicy } from './parse-policies.ts';
import type { PolicySlice } from './slice-policies.ts';

/** What a decision is made over: everything prepared, nothing parsed again. */
export interface DecisionContext {
  readonly slice: PolicySlice;
  readonly policies: ReadonlyMap<string, ParsedPolicy>;
  /** Kinds of obligations that the enforcement point fulfils. */
  readonly obligations: ReadonlySet<string>;
}

/**
 * Three outcomes out of Cedar's two. Everything is evaluated; any error is a deny. A deny becomes an ask only if
 * every forbid that decided carries `@ask` and the rest allows: a hard forbid or a default deny cannot be approved.
 */
export function decide(call: CedarCall, context: DecisionContext): PolicyVerdict {
  const answer = evaluate(call, context.slice.all, context);
  if (answer.errors.length > 0) return failedVerdict(answer.errors);
  if (answer.allowed) return allowed(answer.determining, context);
  const hard = answer.determining.filter((policy) => policy.ask === undefined);
  if (hard.length > 0) return { kind: 'deny', reasons: hard.map(reasonOf), errors: [] };
  return asking(answer.determining, evaluate(call, context.slice.withoutAsks, context), context);
}

/** Nothing that failed is explained by what a policy says; the errors name rules and places, never values. */
export function failedVerdict(errors: readonly string[]): PolicyVerdict {
  const reason: Reason = { rule: 'policy-error', message: 'Policy could not be evaluated, so the action is refused.' };
  return { kind: 'deny', reasons: [reason], errors };
}

interface CedarAnswer {
  readonly allowed: boolean;
  readonly determining: readonly ParsedPolicy[];
  readonly errors: readonly string[];
}

function evaluate(call: CedarCall, slice: string, context: DecisionContext): CedarAnswer {
  const answer = statefulIsAuthorized({
    ...call,
    preparsedPolicySetId: slice,
    preparsedSchemaName: context.slice.schema,
  });
  // Cedar's messages quote the request, so they stay here.
  if (answer.type === 'failure') return { allowed: false, determining: [], errors: ['Cedar refused the request'] };
  const { decision, diagnostics } = answer.response;
  const determining = diagnostics.reason.map((id) => context.policies.get(id)).filter((policy) => policy !== undefined);
  const errors = diagnostics.errors.map(({ policyId }) => `rule ${policyId} failed`);
  if (determining.length !== diagnostics.reason.length) errors.push('a rule decided that is not in the bundle');
  return { allowed: decision === 'allow', determining, errors };
}

function allowed(permits: readonly ParsedPolicy[], context: DecisionContext): PolicyVerdict {
  const obligations = permits.flatMap((policy) => policy.obligations);
  const unknown = obligations.filter(({ kind }) => !context.obligations.has(kind));
  if (unknown.length > 0) return failedVerdict(unknown.map(({ kind }) => `nobody here fulfils the obligation ${kind}`));
  return { kind: 'allow', reasons: permits.map(reasonOf), obligations };
}

function asking(asks: readonly ParsedPolicy[], rest: CedarAnswer, context: DecisionContext): PolicyVerdict {
  if (rest.errors.length > 0) return failedVerdict(rest.errors);
  const requirement = merged(asks);
  if (!rest.allowed || requirement === undefined) return { kind: 'deny', reasons: [defaultDeny], errors: [] };
  const afterApproval = allowed(rest.determining, context);
  return afterApproval.kind === 'allow' ? { kind: 'ask', reasons: asks.map(reasonOf), requirement } : afterApproval;
}

/** The strictest of all: most people, shortest time, step-up if anybody wants it; any role that one of them names, when it names it. */
function merged(asks: readonly ParsedPolicy[]): ApprovalRequirement | undefined {
  const requirements = asks.map((policy) => policy.ask).filter((ask) => ask !== undefined);
  if (requirements.length === 0) return undefined;
  const roles = [...new Set(requirements.flatMap((ask) => ask.roles))].toSorted();
  const ttlSeconds = Math.min(...requirements.map((ask) => ask.ttlSeconds));
  return {
    quorum: Math.max(...requirements.map((ask) => ask.quorum)),
    roles,
    ttlSeconds,
    stepUp: requirements.some((ask) => ask.stepUp),
    ...mergedEscalation(requirements, roles, ttlSeconds),
  };
}

const defaultDeny: Reason = { rule: 'default-deny', message: 'No rule allows this.' };

function reasonOf(policy: ParsedPolicy): Reason {
  return { rule: policy.id, message: policy.advice };
}
