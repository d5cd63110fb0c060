import { type CedarPolicy, createCedarPolicy } from '../../src/adapters/policy-cedar/create-cedar-policy.ts';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import type { PolicyRequest, PolicyVerdict } from '../../src/ports/policy.port.ts';

/** One tool with every type an argument can have. */
export const smallSchema = `
type JsonText = String;
type Approval = { granted: Bool, approvers: Set<String> };
entity Group;
entity User in [Group] = { tenant: String };
entity Agent = { tenant: String };
entity Tool = { server: String };
action WriteTools;
action "desk__pay" in [WriteTools] appliesTo {
  principal: [Agent, User],
  resource: [Tool],
  context: {
    args: { amount: decimal, count: Long, note?: String, free?: JsonText, tags?: Set<String>, nested?: { flag: Bool } },
    approval: Approval,
  },
};
action "desk__read" appliesTo { principal: [Agent], resource: [Tool], context: { args: { id?: Long } } };
`;

export interface Rule {
  readonly id: string;
  readonly effect?: 'permit' | 'forbid';
  readonly scope?: string;
  readonly ask?: object | string;
  readonly obligation?: object;
  readonly when?: string;
  readonly unless?: string;
}

export function ruleText({
  id,
  effect = 'permit',
  scope = 'principal, action == Action::"desk__pay", resource',
  ask,
  obligation,
  when,
  unless,
}: Rule): string {
  const annotation = (name: string, value: object | string | undefined) =>
    value === undefined
      ? []
      : [`@${name}(${JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))})`];
  return [
    `@id("${id}")`,
    `@advice("Sentence of ${id}.")`,
    ...annotation('ask', ask),
    ...annotation('obligation', obligation),
    `${effect} (${scope})`,
    ...(when === undefined ? [] : [`when { ${when} }`]),
    ...(unless === undefined ? [] : [`unless { ${unless} }`]),
  ]
    .join('\n')
    .concat(';');
}

export function smallPolicy(rules: readonly Rule[], obligations: readonly string[] = []): CedarPolicy {
  return createCedarPolicy({
    policies: { 'small.cedar': rules.map(ruleText).join('\n\n') },
    schema: smallSchema,
    obligations,
  });
}

export const goodArgs: JsonObject = { amount: 12.5, count: 2 };

/** A call of `desk__pay`. */
export function payment(
  args: JsonValue = goodArgs,
  granted: 'approved' | 'not approved' = 'not approved',
): PolicyRequest {
  return {
    principal: { type: 'Agent', id: 'desk', attributes: { tenant: 'default' } },
    action: 'desk__pay',
    resource: { type: 'Tool', id: 'desk.pay', attributes: { server: 'desk' } },
    context: { args, approval: { granted: granted === 'approved', approvers: [] } },
  };
}

export async function verdictOf(policy: CedarPolicy, request: PolicyRequest): Promise<PolicyVerdict> {
  return (await policy.evaluate(request)).verdict;
}

export function ruleNames(verdict: PolicyVerdict): string[] {
  return verdict.reasons.map(({ rule }) => rule);
}
