/**
 * The invoice desk as an MCP server. It lives as long as its standard input is open, so it never outlives
 * whoever started it, not even after a kill -9; SIGTERM and SIGINT end it too.
 */
import type { AddressInfo } from 'node:net';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createDeskMcpServer } from './create-mcp-server.ts';
import type { DeskDatabase } from './desk/desk-schema.ts';
import { openDeskDatabase } from './desk/open-desk-database.ts';
import { type DeskCommand, readCommandLine, usage } from './read-command-line.ts';
import { serveHttp } from './serve-http.ts';

const closingPatienceMs = 2_000;

async function main(command: DeskCommand): Promise<void> {
  let opened: Promise<DeskDatabase> | undefined;
  const openDatabase = (): Promise<DeskDatabase> => (opened ??= openDeskDatabase(command.dataFolder));
  endWithParent(async () => (await opened)?.destroy());
  if (command.transport === 'stdio') {
    // Opened by the first call: a client may start a second, short-lived process only to ask for the protocol version.
    serveStdio(() => createDeskMcpServer(openDatabase));
    return;
  }
  process.stdin.resume();
  await openDatabase();
  const server = await serveHttp(command.port, openDatabase);
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${port}/mcp` })}\n`);
}

function endWithParent(closeDatabase: () => Promise<void>): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), closingPatienceMs).unref();
    closeDatabase()
      .catch(() => undefined)
      .finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.once('end', end).once('close', end).once('error', end);
}

const command = readCommandLine(process.argv.slice(2));
if (command === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  main(command).catch((error: unknown) => {
    process.stderr.write(`invoice desk: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
