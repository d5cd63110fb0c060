import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';

export interface NoteOptions extends ServerOptions {
  readonly text: string;
  readonly key?: string;
  readonly json?: true;
}

/** Says something to colleagues about an approval. It answers nothing. */
export async function noteApproval(shell: Shell, id: string, options: NoteOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const note = await client.approvals.note(id, options.text, {
    signal: shell.interrupted,
    ...(options.key !== undefined && { idempotencyKey: options.key }),
  });
  terminal.emit(note);
  terminal.line(`  ${terminal.paint.good('✓')} Your note is there for your colleagues; the agent never reads it.`);
  terminal.line(`  ${terminal.paint.accent(`${pages}/approvals/${id}`)}`);
  return exitCodes.ok;
}
