import type { Command } from 'commander';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findServer } from '../server/find-server.ts';
import { mintToken } from '../server/mint-token.ts';
import type { Shell } from '../shell.ts';
import { UsageError } from '../usage-error.ts';

interface TokenOptions {
  readonly as: string;
  readonly data?: string;
  readonly json?: true;
}

export function registerToken(program: Command, shell: Shell): void {
  program
    .command('token')
    .summary('print a bearer token of a development identity')
    .description(
      'Prints a token for the server that owns the data folder; it is good for twelve hours. Identities: initiator, approver, approver2, lead, auditor, admin, and the service backend.',
    )
    .requiredOption('--as <name>', 'the identity')
    .option('--data <dir>', 'data folder whose owner to talk to (default: .countersign, then the demo’s)')
    .option('--json', 'one JSON document: {"as","token","expiresAt"}')
    .action(shell.action((options: TokenOptions) => printToken(shell, options)));
}

async function printToken(shell: Shell, options: TokenOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  // A token is minted with the secret of a folder on this machine, whatever COUNTERSIGN_URL says.
  const { url, dataFolder } = await findServer(options, { ...shell.configuration, url: undefined });
  if (dataFolder === undefined) throw new UsageError('A token needs a data folder on this machine.');
  const { token, expiresAt } = await mintToken({ url, dataFolder }, options.as);
  terminal.emit({ as: options.as, token, expiresAt });
  terminal.line(token);
  return exitCodes.ok;
}
