import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPolicies, type PolicyReport } from '../../adapters/policy-cedar/check-policies.ts';
import { generateCedarSchema } from '../../adapters/policy-cedar/generate-cedar-schema.ts';
import { mendPolicies } from '../../adapters/policy-cedar/mend-policies.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { readCatalogue } from './read-catalogue.ts';

export interface PolicyOptions {
  readonly agents?: string;
  readonly policies?: string;
  readonly format?: true;
  readonly write?: true;
  readonly json?: true;
}

/** Everything that can be said of the policies before they are put in force; nothing is started for it. */
export async function checkPolicy(shell: Shell, options: PolicyOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { agents, policies } = foldersOf(shell, options);
  const catalogue = await readCatalogue(agents);
  const mended = options.format === true ? await mendPolicies(policies, catalogue) : [];
  const report = await checkPolicies(policies, catalogue);
  terminal.emit({ ...report, mended });
  for (const file of mended) terminal.line(`${terminal.paint.good('✓')} wrote ${shownLine(file)}`);
  tellReport(terminal, report);
  return report.ok ? exitCodes.ok : exitCodes.failure;
}

/** The Cedar schema that the catalogue generates, to look at or into its file. */
export async function policySchema(shell: Shell, options: PolicyOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { agents, policies } = foldersOf(shell, options);
  const schema = generateCedarSchema(await readCatalogue(agents));
  const file = join(policies, 'schema.cedarschema');
  if (options.write === true) await writeFile(file, schema);
  terminal.emit({ schema, ...(options.write === true && { written: file }) });
  terminal.line(options.write === true ? `${terminal.paint.good('✓')} wrote ${file}` : schema.trimEnd());
  return exitCodes.ok;
}

function foldersOf(
  { configuration }: Shell,
  { agents, policies }: PolicyOptions,
): { readonly agents: string; readonly policies: string } {
  return { agents: agents ?? configuration.agentsFolder, policies: policies ?? configuration.policiesFolder };
}

function tellReport(terminal: Terminal, { ok, findings, policies, cases, policyDigest }: PolicyReport): void {
  const { paint, columns } = terminal;
  for (const { file, line, rule, message, hint } of findings) {
    terminal.line(
      `${paint.bad('✗')} ${paint.strong(shownLine(line === undefined ? file : `${file}:${line}`))}  ${paint.faint(rule)}`,
    );
    for (const text of wrapped(shownLine(message), columns - 4)) terminal.line(`    ${text}`);
    for (const [at, text] of wrapped(hint, columns - 6).entries())
      terminal.line(`    ${at === 0 ? `${paint.accent('→')} ` : '  '}${text}`);
  }
  const counts = `${policies} policies, ${cases.passed} of ${cases.total} cases as expected`;
  terminal.line(ok ? `${paint.good('✓')} ${counts}` : `\n${findings.length} findings; ${counts}`);
  terminal.line(paint.faint(`  ${policyDigest}`));
}
