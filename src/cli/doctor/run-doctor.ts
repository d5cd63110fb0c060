import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { demoFolderName } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { padded, wrapped } from '../terminal/text-width.ts';
import { checkDataFolder, checkKeyFiles, checkPorts } from './check-data.ts';
import { checkFiles } from './check-files.ts';
import { checkChromium, checkNativePackages, checkNode } from './check-machine.ts';
import { checkModel } from './check-model.ts';
import { checkNudges } from './check-nudges.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkTemporal } from './check-temporal.ts';
import { type Finding, ok } from './finding.ts';

export interface DoctorOptions {
  readonly agents?: string;
  readonly policies?: string;
  readonly data?: string;
  readonly json?: true;
}

/** Looks at everything that a start needs, changes nothing, and says how to mend what is wrong. */
export async function runDoctor(shell: Shell, options: DoctorOptions): Promise<ExitCode> {
  const { configuration } = shell;
  const terminal = shell.terminal(options);
  const data = options.data ?? configuration.dataFolder;
  const demo = join(data, demoFolderName);
  const looked = (
    await Promise.all([
      checkNativePackages(),
      checkTemporal(configuration),
      checkDataFolder(data),
      checkKeyFiles(data),
      ...(existsSync(demo) ? [checkDataFolder(demo).then(ofDemo), checkKeyFiles(demo).then(ofDemo)] : []),
      checkPorts(data, configuration.port),
      checkFiles(options.agents ?? configuration.agentsFolder, options.policies ?? configuration.policiesFolder),
      checkModel(configuration),
      checkSignIn(configuration),
      checkNudges(configuration, data),
      checkChromium(configuration),
    ])
  ).flat();
  const findings = [checkNode(), ok('Configuration', 'every variable is valid'), ...looked];
  const failed = findings.filter(({ state }) => state === 'fail').length;
  terminal.emit({ ok: failed === 0, findings });
  tell(terminal, findings, failed);
  return failed === 0 ? exitCodes.ok : exitCodes.failure;
}

function ofDemo(finding: Finding): Finding {
  return { ...finding, name: `${finding.name}, demo` };
}

function tell(terminal: Terminal, findings: readonly Finding[], failed: number): void {
  const { paint } = terminal;
  const marks = { ok: paint.good('ok  '), warn: paint.wait('warn'), fail: paint.bad('fail') } as const;
  const columns = Math.max(...findings.map(({ name }) => name.length));
  const indent = ' '.repeat(columns + 8);
  for (const { name, state, text, mend, details = [] } of findings) {
    const [first = '', ...more] = wrapped(shownLine(text), terminal.columns - indent.length);
    terminal.line(`${marks[state]}  ${padded(name, columns)}  ${first}`);
    for (const line of more) terminal.line(`${indent}${line}`);
    for (const line of details.flatMap((detail) => wrapped(`· ${shownLine(detail)}`, terminal.columns - indent.length)))
      terminal.line(`${indent}${line}`);
    for (const [at, line] of wrapped(mend ?? '', terminal.columns - indent.length - 2).entries()) {
      if (mend !== undefined) terminal.line(`${indent}${at === 0 ? `${paint.accent('→')} ` : '  '}${line}`);
    }
  }
  const warnings = findings.filter(({ state }) => state === 'warn').length;
  const more = warnings === 0 ? '' : `, ${warnings} of them could be better`;
  terminal.line(
    failed === 0
      ? `\n${paint.good('Everything that is needed is there')}${more}.`
      : `\n${paint.bad(`${failed} to mend`)}.`,
  );
}
