import type { Command } from 'commander';

/** The options of every command that talks to a server. */
export function withServerOptions(command: Command, usualIdentity: string): Command {
  return command
    .option(
      '--as <name>',
      `development identity to speak as, on this machine (default: ${usualIdentity}, or COUNTERSIGN_TOKEN)`,
    )
    .option('--url <address>', 'server to talk to (default: COUNTERSIGN_URL, or the owner of the data folder)')
    .option('--data <dir>', 'data folder whose owner to talk to (default: .countersign, then the demo’s)')
    .option('--json', 'one JSON document, or one JSON line an event');
}
