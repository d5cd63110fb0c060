import type { Catalogue } from '../../ports/catalogue.port.ts';
import type { PolicyBundle } from './create-cedar-policy.ts';
import { generateCedarSchema } from './generate-cedar-schema.ts';
import { policyInvalid } from './policy-finding.ts';
import { readPolicyFolder } from './read-policy-folder.ts';

/**
 * The policies of a folder with the schema of the catalogue in force: the checked-in schema is for people and
 * reviews, so a stale one cannot mistype a request. Fails with `policy-invalid` where a file cannot be read.
 */
export async function loadPolicyBundle(folder: string, catalogue: Catalogue): Promise<PolicyBundle> {
  const { policies, findings } = await readPolicyFolder(folder);
  if (findings.length > 0) throw policyInvalid(findings);
  return { policies, schema: generateCedarSchema(catalogue) };
}
