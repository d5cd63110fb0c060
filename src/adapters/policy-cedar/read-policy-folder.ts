import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readReviewedFile } from '../../reviewed-files/read-reviewed-file.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { finding, type PolicyFinding } from './policy-finding.ts';

const maxPolicyFiles = 256;
const maxCaseFiles = 10_000;

export interface PolicyFolder {
  /** `<area>.cedar` by name. */
  readonly policies: SourceFiles;
  /** `schema.cedarschema`, where there is one. */
  readonly schema?: string;
  readonly findings: readonly PolicyFinding[];
}

/** Policies and checked-in schema of a folder. What cannot be read is a finding, never an empty file. */
export async function readPolicyFolder(folder: string): Promise<PolicyFolder> {
  const findings: PolicyFinding[] = [];
  const names = (await entriesOf(folder, [], findings)).filter((name) => name.endsWith('.cedar'));
  if (names.length === 0) findings.push(finding('unreadable', '.', `no .cedar file in the policies folder`));
  if (names.length > maxPolicyFiles)
    findings.push(finding('unreadable', '.', `more than ${maxPolicyFiles} policy files`));
  const policies = await readAll(
    folder,
    names.slice(0, maxPolicyFiles).map((name) => [name]),
    findings,
  );
  const schema = await readReviewedFile(folder, ['schema.cedarschema']);
  return { policies, findings, ...('text' in schema ? { schema: schema.text } : {}) };
}

/** Every file of `cases/<area>/<allow|deny|ask|bases>/`, by its path from the policies folder. */
export async function readCaseFiles(
  folder: string,
): Promise<{ readonly files: SourceFiles; readonly findings: readonly PolicyFinding[] }> {
  const findings: PolicyFinding[] = [];
  const paths: string[][] = [];
  for (const area of await entriesOf(folder, ['cases'], [])) {
    for (const verdict of await entriesOf(folder, ['cases', area], findings)) {
      const names = await entriesOf(folder, ['cases', area, verdict], findings);
      paths.push(...names.map((name) => ['cases', area, verdict, name]));
    }
  }
  if (paths.length > maxCaseFiles) findings.push(finding('unreadable', 'cases', `more than ${maxCaseFiles} cases`));
  return { files: await readAll(folder, paths.slice(0, maxCaseFiles), findings), findings };
}

async function entriesOf(folder: string, steps: readonly string[], findings: PolicyFinding[]): Promise<string[]> {
  try {
    return (await readdir(join(folder, ...steps))).filter((name) => !name.startsWith('.')).toSorted();
  } catch {
    findings.push(finding('unreadable', steps.join('/') || '.', 'must be a folder that can be read'));
    return [];
  }
}

async function readAll(
  folder: string,
  paths: readonly (readonly string[])[],
  findings: PolicyFinding[],
): Promise<SourceFiles> {
  const files: Record<string, string> = {};
  for (const steps of paths) {
    const read = await readReviewedFile(folder, steps);
    if ('text' in read) files[steps.join('/')] = read.text;
    else findings.push(finding('unreadable', steps.join('/'), read.rule));
  }
  return files;
}
