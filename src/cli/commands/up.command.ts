import type { Command } from 'commander';
import { wholeNumberIn } from '../number-argument.ts';
import type { Shell } from '../shell.ts';
import type { UpOptions } from '../up/run-up.ts';

export function registerUp(program: Command, shell: Shell): void {
  program
    .command('up')
    .summary('run everything on this machine, with your agents and policies')
    .description(
      'Runs API, pages, workers and a Temporal server in one process, on loopback, until Ctrl-C. Runs that are under way go on when it starts again.',
    )
    .option('--agents <dir>', 'agent and tool-server manifests (default: agents)')
    .option('--policies <dir>', 'Cedar policies (default: policies)')
    .option('--data <dir>', 'data folder, for one process at a time (default: .countersign)')
    .option('--port <n>', 'port of API and pages, 0 for any (default: 7070)', wholeNumberIn(0, 65_534))
    .option('--json', 'one JSON line an event; the first is {"event":"ready","url":…}')
    .action(shell.action(async (options: UpOptions) => (await import('../up/run-up.ts')).runUp(shell, options)));
}
