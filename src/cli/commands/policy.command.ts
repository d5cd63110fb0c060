import type { Command } from 'commander';
import type { PolicyOptions } from '../policy/check-policy.ts';
import type { Shell } from '../shell.ts';

export function registerPolicy(program: Command, shell: Shell): void {
  const policy = program
    .command('policy')
    .summary('check policies before they are in force')
    .helpCommand(false)
    .description('Cedar policies, their schema and their cases.');
  const check = policy
    .command('check')
    .description(
      'Checks format, schema and every case, and that each policy matters to one. Exit code 1 with findings.',
    )
    .option('--format', 'first write the files as the formatter does, and the schema from the catalogue');
  withFolders(check).action(
    shell.action(async (options: PolicyOptions) =>
      (await import('../policy/check-policy.ts')).checkPolicy(shell, options),
    ),
  );
  const schema = policy
    .command('schema')
    .description('Prints the Cedar schema that the catalogue generates.')
    .option('--write', 'write it to schema.cedarschema in the policies folder');
  withFolders(schema).action(
    shell.action(async (options: PolicyOptions) =>
      (await import('../policy/check-policy.ts')).policySchema(shell, options),
    ),
  );
}

function withFolders(command: Command): Command {
  return command
    .option('--policies <dir>', 'Cedar policies and their cases (default: policies)')
    .option('--agents <dir>', 'agent and tool-server manifests (default: agents)')
    .option('--json', 'one JSON document');
}
