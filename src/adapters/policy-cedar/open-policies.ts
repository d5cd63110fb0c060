import { CountersignError, type FieldError } from '../../domain/countersign-error.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import type { PolicyPort } from '../../ports/policy.port.ts';
import { type LastGood, openLastGoodFolder } from '../../reviewed-files/last-good-folder.ts';
import { type CedarPolicy, createCedarPolicy, type PolicyBundle } from './create-cedar-policy.ts';
import { generateCedarSchema } from './generate-cedar-schema.ts';
import { loadPolicyBundle } from './load-policy-bundle.ts';

export interface PolicyLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface OpenPoliciesOptions {
  readonly folder: string;
  readonly catalogue: Catalogue;
  /** A folder in which every set of policies that was in force is kept, for a start with a broken one. */
  readonly lastGood: string;
  readonly log: PolicyLog;
  /** Kinds of obligations that the enforcement point fulfils. */
  readonly obligations?: readonly string[];
}

export interface FilePolicies extends PolicyPort {
  /** What is wrong with the files as they were last read; what is in force is not affected. */
  readonly errors: readonly FieldError[];
  /** Reads policies and catalogue again, also after the catalogue was reloaded; returns `errors`. */
  reload(): Promise<readonly FieldError[]>;
  retire(): void;
}

/**
 * The PDP over a folder. With broken files the policies that were last in force are used and `errors` tells;
 * where there never were any, fails with `policy-invalid` and everything that is wrong.
 */
export async function openPolicies(options: OpenPoliciesOptions): Promise<FilePolicies> {
  const { folder, catalogue, log, obligations = [] } = options;
  const kept = openLastGoodFolder(options.lastGood);
  const first = await tryBundle(() => loadPolicyBundle(folder, catalogue), obligations);
  let errors = first.errors;
  let inForce = first.policy ?? (await lastGoodPolicy(kept, options, errors));
  if (first.policy === undefined) log.warn({ code: 'policy-invalid', fields: errors }, 'policy-kept-last-good');
  else await keep(kept, first.bundle, log);
  let queue: Promise<unknown> = Promise.resolve();

  async function readAgain(): Promise<readonly FieldError[]> {
    const read = await tryBundle(() => loadPolicyBundle(folder, catalogue), obligations);
    errors = read.errors;
    if (read.policy === undefined) {
      log.warn({ code: 'policy-invalid', fields: errors }, 'policy-kept-last-good');
      return errors;
    }
    await keep(kept, read.bundle, log);
    const before = inForce;
    inForce = read.policy;
    before.retire();
    log.info({ policyDigest: inForce.policyDigest }, 'policy-reloaded');
    return errors;
  }

  return {
    get policyDigest() {
      return inForce.policyDigest;
    },
    get errors() {
      return errors;
    },
    evaluate: (request) => inForce.evaluate(request),
    reload() {
      const reloaded = queue.then(readAgain);
      queue = reloaded.catch(() => undefined);
      return reloaded;
    },
    retire: () => inForce.retire(),
  };
}

type TriedBundle =
  | { readonly policy: CedarPolicy; readonly bundle: PolicyBundle; readonly errors: readonly FieldError[] }
  | { readonly policy: undefined; readonly errors: readonly FieldError[] };

async function tryBundle(load: () => Promise<PolicyBundle>, obligations: readonly string[]): Promise<TriedBundle> {
  try {
    const bundle = await load();
    return { bundle, policy: createCedarPolicy({ ...bundle, obligations }), errors: [] };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { policy: undefined, errors: error.fields };
  }
}

async function lastGoodPolicy(
  kept: LastGood,
  { catalogue, obligations = [] }: OpenPoliciesOptions,
  errors: readonly FieldError[],
): Promise<CedarPolicy> {
  const policies = await kept.newest();
  if (policies !== undefined) {
    const tried = await tryBundle(async () => ({ policies, schema: generateCedarSchema(catalogue) }), obligations);
    if (tried.policy !== undefined) return tried.policy;
  }
  throw new CountersignError('policy-invalid', { fields: errors });
}

/** What is in force does not depend on the copy; only the next start with broken files would. */
async function keep(kept: LastGood, bundle: PolicyBundle, log: PolicyLog): Promise<void> {
  try {
    await kept.keep(bundle.policies);
  } catch (error) {
    log.warn({ cause: error instanceof Error ? error.name : 'unknown' }, 'policy-copy-not-kept');
  }
}
