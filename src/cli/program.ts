import { Command } from 'commander';
import { registerDemo } from './commands/demo.command.ts';
import type { Shell } from './shell.ts';

const epilogue = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 denied by policy, 4 waiting for approval, 78 configuration,
130 interrupted. Variables: docs/reference/configuration.md. From a checkout: npx countersign …`;

/** What commander would write of an error; it throws it as well, and the caller says it in our own form. */
const ignored = (): void => undefined;

/** The command line. */
export function createProgram(shell: Shell, version: string): Command {
  const { output } = shell.streams;
  const program = new Command('countersign')
    .description('AI agents whose every effect needs a countersigned action.')
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.write(text), writeErr: ignored, outputError: ignored })
    .configureHelp({ helpWidth: 100, sortOptions: false })
    .addHelpText('after', epilogue);
  for (const register of [registerDemo]) register(program, shell);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}
