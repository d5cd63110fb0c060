import { validate } from '@cedar-policy/cedar-wasm/nodejs';
import type { ParsedPolicy } from './parse-policies.ts';
import { cedarFinding, finding, type PolicyFinding } from './policy-finding.ts';

/**
 * Strict validation. Its warnings count too: a forbid whose condition can never hold protects nobody.
 * What it cannot see (shadowed permits, rules that no case needs) is left to the cases.
 */
export function validatePolicies(policies: readonly ParsedPolicy[], schema: string): readonly PolicyFinding[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
  const answer = validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure')
    return answer.errors.map((error) => finding('invalid', 'schema.cedarschema', error.message));
  const found = [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => {
    const policy = byId.get(policyId);
    return policy === undefined
      ? finding('invalid', 'schema.cedarschema', error.message)
      : cedarFinding('invalid', policy.file, policy.text, error, policy.line);
  });
  return [
    ...found,
    ...answer.otherWarnings.map((warning) => finding('invalid', 'schema.cedarschema', warning.message)),
  ];
}

/** Obligations that would deny at the moment of use are found now. */
export function unknownObligations(
  policies: readonly ParsedPolicy[],
  known: readonly string[],
): readonly PolicyFinding[] {
  return policies.flatMap((policy) =>
    policy.obligations
      .filter(({ kind }) => !known.includes(kind))
      .map(({ kind }) => finding('unknown-obligation', policy.file, `${policy.id} obliges to ${kind}`, policy.line)),
  );
}
