import type { Command } from 'commander';
import { type ReceiptOptions, showKeys } from '../approvals/receipt-commands.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';

export function registerKeys(program: Command, shell: Shell): void {
  const command = program
    .command('keys')
    .summary('print the public keys of verdicts and receipts')
    .description('Prints the public keys that receipts are checked with, as JSON; rotated ones included.');
  withServerOptions(command, 'approver').action(shell.action((options: ReceiptOptions) => showKeys(shell, options)));
}
