import type { Command } from 'commander';
import { relativeText } from '../../web/time-text.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { type Column, table } from '../terminal/table.ts';

const columns = [
  { title: 'SESSION' },
  { title: 'SUBJECT', shrinks: true },
  { title: 'OPENED' },
  { title: 'USED' },
] as const satisfies readonly Column[];

interface SessionsOptions extends ServerOptions {
  readonly json?: true;
}

interface EndOptions extends SessionsOptions {
  readonly session?: string;
}

export function registerSessions(program: Command, shell: Shell): void {
  const command = program
    .command('sessions')
    .summary('list who is signed in, or end sessions')
    .helpCommand(false)
    .description('Who is signed in, and ending it. For administrators.');
  const list = command
    .command('list', { isDefault: true })
    .description('Lists open sessions, those of one person with SUBJECT.')
    .argument('[subject]', 'whose');
  withServerOptions(list, 'admin').action(
    shell.action((subject: string | undefined, options: SessionsOptions) => listSessions(shell, subject, options)),
  );
  const end = command
    .command('end')
    .description('Ends all sessions of a person, or one of them. The person can sign in again.')
    .argument('<subject>', 'whose')
    .option('--session <id>', 'only this one, by its id in the list');
  withServerOptions(end, 'admin').action(
    shell.action((subject: string, options: EndOptions) => endSessions(shell, subject, options)),
  );
}

async function listSessions(shell: Shell, subject: string | undefined, options: SessionsOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'admin');
  const found = await client.sessions.list(subject === undefined ? {} : { subject }, { signal: shell.interrupted });
  terminal.emit(found);
  if (found.items.length === 0) terminal.line('Nobody is signed in.');
  else {
    const now = Date.now();
    const rows = found.items.map((session) => [
      session.sessionId,
      shownLine(session.subject),
      relativeText(session.openedAt, now),
      relativeText(session.lastSeenAt, now),
    ]);
    for (const line of table(columns, rows, terminal.columns)) terminal.line(line);
  }
  return exitCodes.ok;
}

async function endSessions(shell: Shell, subject: string, options: EndOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'admin');
  const which = options.session === undefined ? { subject } : { subject, sessionId: options.session };
  const answer = await client.sessions.end(which, { signal: shell.interrupted });
  terminal.emit(answer);
  terminal.line(answer.ended === 1 ? '1 session ended.' : `${answer.ended} sessions ended.`);
  return exitCodes.ok;
}
