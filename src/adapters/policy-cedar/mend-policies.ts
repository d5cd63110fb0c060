import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { formattedPolicies } from './check-policies.ts';
import { generateCedarSchema } from './generate-cedar-schema.ts';
import { readPolicyFolder } from './read-policy-folder.ts';

/** Formats every policy file that parses and writes `schema.cedarschema` from the catalogue; returns what was changed. */
export async function mendPolicies(folder: string, catalogue: Catalogue): Promise<readonly string[]> {
  const read = await readPolicyFolder(folder);
  const wanted = Object.entries(read.policies).map(([file, text]) => ({
    file,
    text,
    mended: formattedPolicies(text) ?? text,
  }));
  wanted.push({ file: 'schema.cedarschema', text: read.schema ?? '', mended: generateCedarSchema(catalogue) });
  const changed = wanted.filter(({ text, mended }) => text !== mended);
  for (const { file, mended } of changed) await writeFile(join(folder, file), mended);
  return changed.map(({ file }) => file);
}
