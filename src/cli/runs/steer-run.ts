import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';

export interface SteerOptions extends ServerOptions {
  readonly text: string;
  readonly key?: string;
  readonly json?: true;
}

/** Says something to a run that is under way, as its initiator. */
export async function steerRun(shell: Shell, runId: string, options: SteerOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'initiator');
  const message = await client.runs.steer(runId, options.text, {
    signal: shell.interrupted,
    ...(options.key !== undefined && { idempotencyKey: options.key }),
  });
  terminal.emit(message);
  const { paint } = terminal;
  const heard = message.takenTurn === undefined ? 'the run’s next turn reads it' : `read in turn ${message.takenTurn}`;
  terminal.line(`  ${paint.good('✓')} Stored and signed as ${message.steerId}; ${heard}.`);
  terminal.line(`  ${paint.accent(`${pages}/runs/${encodeURIComponent(runId)}`)}`);
  return exitCodes.ok;
}
