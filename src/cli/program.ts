import { Command } from 'commander';
import { registerApprovals } from './commands/approvals.command.ts';
import { registerDelegations } from './commands/delegations.command.ts';
import { registerDemo } from './commands/demo.command.ts';
import { registerDoctor } from './commands/doctor.command.ts';
import { registerKeys } from './commands/keys.command.ts';
import { registerPolicy } from './commands/policy.command.ts';
import { registerRun } from './commands/run.command.ts';
import { registerRuns } from './commands/runs.command.ts';
import { registerSessions } from './commands/sessions.command.ts';
import { registerToken } from './commands/token.command.ts';
import { registerUp } from './commands/up.command.ts';
import type { Shell } from './shell.ts';

const epilogue = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 denied by policy, 4 waiting for approval, 78 configuration,
130 interrupted. Variables: docs/reference/configuration.md. From a checkout: npx countersign …`;

/** Commander throws what it would write of an error; the caller says it in our own form. */
const ignored = (): void => undefined;

/** The command line. */
export function createProgram(shell: Shell, version: string): Command {
  const { output, errors } = shell.streams;
  const program = new Command('countersign')
    .description('AI agents whose every effect needs a countersigned action.')
    .version(version)
    .helpCommand(false)
    // an option belongs to the command that it stands behind
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => errors.write(text),
      outputError: ignored,
    })
    .configureHelp({ helpWidth: 100, sortOptions: false })
    .addHelpText('after', epilogue);
  const commands = [
    registerDemo,
    registerUp,
    registerRun,
    registerRuns,
    registerApprovals,
    registerKeys,
    registerPolicy,
    registerToken,
    registerSessions,
    registerDelegations,
    registerDoctor,
  ];
  for (const register of commands) register(program, shell);
  return program;
}
