import { type Command, InvalidArgumentError } from 'commander';
import type { DelegationView } from '../../contracts/http/delegation.schema.ts';
import { durationSchema } from '../../contracts/scalars.schema.ts';
import { durationMs } from '../../domain/duration.ts';
import { absoluteText, relativeText } from '../../web/time-text.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { type Column, table } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';

const columns = [
  { title: 'DELEGATION' },
  { title: 'FROM', shrinks: true },
  { title: 'TO', shrinks: true },
  { title: 'ROLES', shrinks: true },
  { title: 'STANDS' },
] as const satisfies readonly Column[];

interface DelegationOptions extends ServerOptions {
  readonly json?: true;
}

interface ListOptions extends DelegationOptions {
  readonly all?: true;
}

interface AddOptions extends DelegationOptions {
  readonly role: readonly string[];
  readonly for?: number;
  readonly until?: string;
  readonly from?: string;
  readonly reason?: string;
}

export function registerDelegations(program: Command, shell: Shell): void {
  const command = program
    .command('delegations')
    .summary('let somebody else answer approvals for a time')
    .helpCommand(false)
    .description('Who may answer approvals for whom, and until when.');
  const list = command
    .command('list', { isDefault: true })
    .description('Lists what you lent and what was lent to you.')
    .option('--all', 'everybody’s, for administrators');
  withServerOptions(list, 'approver').action(shell.action((options: ListOptions) => listDelegations(shell, options)));
  const add = command
    .command('add')
    .description('Lets somebody else answer approvals with roles of yours.')
    .argument('<person>', 'who may answer instead, by subject')
    .requiredOption('--role <role...>', 'which of your roles')
    .option('--for <duration>', 'how long: 8h, 7d', parsedDuration)
    .option('--until <time>', 'the end, instead of --for: 2026-12-03T18:00:00Z', parsedTime)
    .option('--from <time>', 'a later begin', parsedTime)
    .option('--reason <text>', 'kept with it');
  withServerOptions(add, 'approver').action(
    shell.action((person: string, options: AddOptions) => addDelegation(shell, person, options)),
  );
  const end = command
    .command('end')
    .description('Ends a delegation for ever: yours, or as an administrator anybody’s.')
    .argument('<delegation>', 'its id');
  withServerOptions(end, 'approver').action(
    shell.action((id: string, options: DelegationOptions) => endDelegation(shell, id, options)),
  );
}

async function listDelegations(shell: Shell, options: ListOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const found = await client.delegations.list(options.all ? { all: 'true' } : {}, { signal: shell.interrupted });
  terminal.emit(found);
  if (found.items.length === 0) terminal.line('Nothing is lent.');
  else {
    const now = Date.now();
    const rows = found.items.map((item) => [
      item.delegationId,
      shownLine(item.from),
      shownLine(item.to),
      shownLine(item.roles.join(', ')),
      standing(item, now),
    ]);
    for (const line of table(columns, rows, terminal.columns)) terminal.line(line);
  }
  return exitCodes.ok;
}

async function addDelegation(shell: Shell, person: string, options: AddOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const ends = endOf(options, Date.now());
  const { client } = await connect(options, shell.configuration, 'approver');
  const lent = await client.delegations.lend(
    {
      to: person,
      roles: [...options.role],
      ends,
      ...(options.from !== undefined && { begins: options.from }),
      ...(options.reason !== undefined && { reason: options.reason }),
    },
    { signal: shell.interrupted },
  );
  terminal.emit(lent);
  terminal.line(
    `  ${terminal.paint.good('✓')} ${shownLine(lent.to)} may answer for you until ${absoluteText(lent.ends)}.`,
  );
  terminal.line(`  ${lent.delegationId}`);
  return exitCodes.ok;
}

async function endDelegation(shell: Shell, id: string, options: DelegationOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const ended = await client.delegations.end(id, { signal: shell.interrupted });
  terminal.emit(ended);
  terminal.line(
    `  ${terminal.paint.good('✓')} ${shownLine(ended.to)} may no longer answer for ${shownLine(ended.from)}.`,
  );
  return exitCodes.ok;
}

function standing({ state, inForce, begins, ends, endedAt }: DelegationView, now: number): string {
  if (state === 'ended') return `ended ${endedAt === undefined ? '' : relativeText(endedAt, now)}`.trim();
  if (inForce) return `ends ${relativeText(ends, now)}`;
  return Date.parse(begins) > now ? `begins ${relativeText(begins, now)}` : `over ${relativeText(ends, now)}`;
}

/** One of the two, from the begin on. */
function endOf({ for: span, until, from }: AddOptions, now: number): string {
  if ((span === undefined) === (until === undefined)) throw new UsageError('Say --for or --until, and not both.');
  const begin = from === undefined ? now : Date.parse(from);
  return until ?? new Date(begin + (span ?? 0)).toISOString();
}

function parsedDuration(text: string): number {
  const duration = durationSchema.safeParse(text);
  if (!duration.success) throw new InvalidArgumentError('It must be a duration such as 8h or 7d.');
  return durationMs(duration.data);
}

function parsedTime(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a time such as 2026-12-03T18:00:00Z.');
  return new Date(time).toISOString();
}
