import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import { type RiskTier, riskTiers } from '../../domain/action.ts';
import { approvalStates } from '../../domain/approval.ts';
import { relativeText } from '../../web/time-text.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import type { Paint } from '../terminal/paint.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { generalWording } from '../timeline/wording.ts';
import { UsageError } from '../usage-error.ts';
import { tellApproval, tellNotes } from './approval-words.ts';

export interface ListOptions extends ServerOptions {
  readonly state?: string;
  readonly all?: true;
  readonly run?: string;
  readonly tool?: string;
  readonly agent?: string;
  readonly risk?: string;
  readonly mine?: true;
  readonly json?: true;
}

/** Approvals that one command shows. */
const listed = 50;

export async function listApprovals(shell: Shell, options: ListOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const state = stateOf(options);
  const risk = riskOf(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const page = await client.approvals.list(
    {
      limit: listed,
      // What ends first is what matters while it waits; of everything else, what was asked last.
      ...(state === 'pending' && { order: 'expiry' }),
      ...(state !== undefined && { state }),
      ...(options.run !== undefined && { runId: options.run }),
      ...(options.tool !== undefined && { tool: options.tool }),
      ...(options.agent !== undefined && { agent: options.agent }),
      ...(risk !== undefined && { risk }),
      ...(options.mine === true && { asked: 'me' }),
    },
    { signal: shell.interrupted },
  );
  terminal.emit(page);
  if (page.items.length === 0)
    terminal.line(state === 'pending' ? 'Nothing waits for a person.' : 'No such approvals.');
  for (const approval of page.items) tellBriefly(terminal, approval);
  if (page.next !== undefined)
    terminal.line(terminal.paint.faint(`These are the first ${listed}. Narrow the list, or open the inbox.`));
  return exitCodes.ok;
}

export async function showApproval(shell: Shell, id: string, options: ListOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const approval = await client.approvals.get(id, { signal: shell.interrupted });
  const { items: notes } = await client.approvals.notes(id, { signal: shell.interrupted });
  terminal.emit({ ...approval, notes });
  tellApproval(terminal, approval, pages);
  tellNotes(terminal, notes);
  return exitCodes.ok;
}

function stateOf({ state, all }: ListOptions): (typeof approvalStates)[number] | undefined {
  if (all === true && state !== undefined) throw new UsageError('--all and --state cannot both be given.');
  if (all === true) return undefined;
  const known = approvalStates.find((one) => one === (state ?? 'pending'));
  if (known === undefined) throw new UsageError(`--state must be one of ${approvalStates.join(', ')}.`);
  return known;
}

function riskOf({ risk }: ListOptions): RiskTier | undefined {
  if (risk === undefined) return undefined;
  const known = riskTiers.find((one) => one === risk);
  if (known === undefined) throw new UsageError(`--risk must be one of ${riskTiers.join(', ')}.`);
  return known;
}

const riskTones: Record<RiskTier, keyof Paint> = { high: 'bad', medium: 'wait', low: 'faint' };

function tellBriefly(terminal: Terminal, approval: ApprovalView): void {
  const { approvalId, state, expiresAt, tool, args, risk, runId, unreadable } = approval;
  const { paint, columns } = terminal;
  const stands = state === 'pending' ? `pending, ${expiresIn(expiresAt, Date.now())}` : state;
  terminal.line(
    `${paint.strong(shownLine(approvalId))}  ${stands}  ${paint[riskTones[risk]](`${risk} risk`)}  ${paint.faint(shownLine(runId))}`,
  );
  const words =
    unreadable === true
      ? `${shownLine(tool)}: what was asked cannot be read, so nobody can approve it. It ends by itself; cancel the run to end it now.`
      : generalWording(tool, args).wanted;
  for (const line of wrapped(words, columns - 4)) terminal.line(`    ${line}`);
}

/** `expires in 3 h 59 min`; a question whose time is up waits only for its run to take notice. */
function expiresIn(expiresAt: string, now: number): string {
  return Date.parse(expiresAt) > now ? `expires ${relativeText(expiresAt, now)}` : 'time is up';
}
