import type { Command } from 'commander';
import type { DemoOptions } from '../demo/run-demo.ts';
import { wholeNumberIn } from '../number-argument.ts';
import type { Shell } from '../shell.ts';

export function registerDemo(program: Command, shell: Shell): void {
  program
    .command('demo')
    .summary('watch an agent work an invoice mailbox under control')
    .description(
      'Starts the invoice desk and everything it needs on this machine, runs the agent, and shows what it does. An earlier run is taken up where it stopped. Ends by itself with --yes, or where there is no terminal.',
    )
    .option('--yes', 'let a scripted approver answer, over the same API and under the same rules')
    .option('--fresh', 'remove what earlier demos kept, and begin anew')
    .option('--data <dir>', 'where the demo keeps its data (default: .countersign/demo)')
    .option(
      '--port <n>',
      'port of API and pages; the next one serves decrypted payloads to the Temporal UI',
      wholeNumberIn(0, 65_534),
    )
    .option(
      '--desk-port <n>',
      'port of the invoice desk (default: 8931, or another where that is taken)',
      wholeNumberIn(0, 65_535),
    )
    .option('--json', 'one JSON line an event')
    .action(
      shell.action(async (options: DemoOptions) => (await import('../demo/run-demo.ts')).runDemo(shell, options)),
    );
}
