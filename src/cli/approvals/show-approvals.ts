import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import { approvalStates } from '../../domain/approval.ts';
import { relativeText } from '../../web/time-text.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { generalWording } from '../timeline/wording.ts';
import { UsageError } from '../usage-error.ts';
import { tellApproval } from './approval-words.ts';

export interface ListOptions extends ServerOptions {
  readonly state?: string;
  readonly all?: true;
  readonly run?: string;
  readonly json?: true;
}

export async function listApprovals(shell: Shell, options: ListOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const state = stateOf(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const page = await client.approvals.list(
    { ...(state !== undefined && { state }), ...(options.run !== undefined && { runId: options.run }) },
    { signal: shell.interrupted },
  );
  terminal.emit(page);
  if (page.items.length === 0)
    terminal.line(state === 'pending' ? 'Nothing waits for a person.' : 'No such approvals.');
  for (const approval of page.items) tellBriefly(terminal, approval);
  return exitCodes.ok;
}

export async function showApproval(shell: Shell, id: string, options: ListOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const approval = await client.approvals.get(id, { signal: shell.interrupted });
  terminal.emit(approval);
  tellApproval(terminal, approval, pages);
  return exitCodes.ok;
}

function stateOf({ state, all }: ListOptions): (typeof approvalStates)[number] | undefined {
  if (all === true && state !== undefined) throw new UsageError('--all and --state cannot both be given.');
  if (all === true) return undefined;
  const known = approvalStates.find((one) => one === (state ?? 'pending'));
  if (known === undefined) throw new UsageError(`--state must be one of ${approvalStates.join(', ')}.`);
  return known;
}

function tellBriefly(terminal: Terminal, { approvalId, state, expiresAt, tool, args, runId }: ApprovalView): void {
  const { paint, columns } = terminal;
  const ends = state === 'pending' ? `, ends ${relativeText(expiresAt, Date.now())}` : '';
  terminal.line(`${paint.strong(approvalId)}  ${state}${ends}  ${paint.faint(shownLine(runId))}`);
  for (const line of wrapped(generalWording(tool, args).wanted, columns - 4)) terminal.line(`    ${line}`);
}
