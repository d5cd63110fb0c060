import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';

export interface WithdrawOptions extends ServerOptions {
  readonly json?: true;
}

/** Takes one's own answer back. Nothing is asked: it stops, and starts nothing. */
export async function withdrawAnswer(shell: Shell, id: string, options: WithdrawOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const { verdictId, withdrawnAt } = await client.approvals.withdraw(id, { signal: shell.interrupted });
  const approval = await client.approvals.get(id, { signal: shell.interrupted });
  terminal.emit({ verdictId, withdrawnAt, approval });
  const meaning =
    approval.state === 'withdrawn' ? 'The action is not carried out.' : 'It counts no more; you can answer again.';
  terminal.line(`  ${terminal.paint.good('✓')} Your answer is taken back. ${meaning}`);
  return exitCodes.ok;
}
