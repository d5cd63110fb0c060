import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/run-doctor.ts';
import type { Shell } from '../shell.ts';

export function registerDoctor(program: Command, shell: Shell): void {
  program
    .command('doctor')
    .summary('check everything, and say how to mend it')
    .description(
      'Looks at Node, packages, Temporal, data folder, keys, ports, agents, policies, model and nudges. Changes nothing. Exit code 1 where something must be mended.',
    )
    .option('--agents <dir>', 'agent and tool-server manifests (default: agents)')
    .option('--policies <dir>', 'Cedar policies (default: policies)')
    .option('--data <dir>', 'data folder (default: .countersign)')
    .option('--json', 'one JSON document')
    .action(
      shell.action(async (options: DoctorOptions) =>
        (await import('../doctor/run-doctor.ts')).runDoctor(shell, options),
      ),
    );
}
