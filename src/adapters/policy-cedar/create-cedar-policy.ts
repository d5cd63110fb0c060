import { digestOf } from '../../digest/digest.ts';
import type { PolicyPort } from '../../ports/policy.port.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { compilePolicies } from './compile-policies.ts';
import { parsePolicies } from './parse-policies.ts';
import { policyInvalid } from './policy-finding.ts';
import { readCedarSchema } from './read-cedar-schema.ts';
import { validatePolicies } from './validate-policies.ts';

export interface PolicyBundle {
  /** Cedar text by file name. */
  readonly policies: SourceFiles;
  /** Cedar schema text; see `generateCedarSchema`. */
  readonly schema: string;
}

export interface CedarPolicy extends PolicyPort {
  /** Gives up what Cedar keeps of this bundle; every later question is denied. */
  retire(): void;
}

/** Names the bundle in every decision. */
export function policyDigestOf({ policies, schema }: PolicyBundle): string {
  return digestOf('policy', { policies, schema });
}

/**
 * Cedar as the PDP, for the thread that creates it. Throws `policy-invalid` with everything that is wrong
 * with the bundle; afterwards it never throws. `obligations`: the kinds that the enforcement point fulfils.
 */
export function createCedarPolicy(bundle: PolicyBundle & { readonly obligations?: readonly string[] }): CedarPolicy {
  const { policies, findings } = parsePolicies(bundle.policies);
  if (findings.length > 0) throw policyInvalid(findings);
  const invalid = validatePolicies(policies, bundle.schema);
  if (invalid.length > 0) throw policyInvalid(invalid);
  const compiled = compilePolicies({
    policies,
    schema: readCedarSchema(bundle.schema),
    obligations: bundle.obligations ?? [],
  });
  const policyDigest = policyDigestOf({ policies: bundle.policies, schema: bundle.schema });
  return {
    policyDigest,
    async evaluate(request) {
      const started = performance.now();
      const verdict = compiled.decide(request);
      return { verdict, policyDigest, durationMs: performance.now() - started };
    },
    retire: () => compiled.retire(),
  };
}
