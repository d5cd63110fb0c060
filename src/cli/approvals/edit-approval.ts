import { resolve } from 'node:path';
import { parseStrictJson } from '../../api/json/strict-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { readTextFile } from '../read-text-file.ts';
import { connect } from '../server/connect.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { UsageError } from '../usage-error.ts';
import { type AnswerOptions, confirmed, refuseUnasked, settled, tellOutcome } from './answer-approval.ts';
import { tellApproval, tellChange } from './approval-words.ts';

export interface EditOptions extends AnswerOptions {
  /** A file with the arguments, whole, as one JSON object. */
  readonly args: string;
}

const maxFileBytes = 256 * 1_024;

/** Changes the arguments of exactly one action. Somebody else is then asked about the result. */
export async function editApproval(shell: Shell, id: string, options: EditOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  refuseUnasked(terminal, options);
  const args = await readArguments(options.args);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const seen = await client.approvals.get(id, { signal: shell.interrupted });
  tellApproval(terminal, seen, pages);
  tellChange(terminal, 'With your change', seen.args, args);
  const isSure = options.digest !== undefined || options.yes === true || (await confirmed(shell, 'edit'));
  if (!isSure) {
    terminal.line('  Nothing was sent.');
    return exitCodes.failure;
  }
  const { verdictId } = await client.approvals.decide(id, {
    verdict: 'edit',
    actionDigest: options.digest ?? seen.actionDigest,
    args,
    ...(options.reason !== undefined && { reason: options.reason }),
  });
  const after = await settled(client, id, shell.interrupted);
  terminal.emit({ verdictId, approval: after });
  tellOutcome(terminal, 'change', after, pages);
  return exitCodes.ok;
}

async function readArguments(file: string): Promise<JsonObject> {
  const path = resolve(file);
  const value = parsed(await readTextFile(path, maxFileBytes), path);
  if (!isJsonObject(value)) throw new UsageError(`${shownLine(path)} must hold one JSON object.`);
  return value;
}

function parsed(text: string, path: string) {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    const [first] = error.fields;
    const where = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
    throw new UsageError(`${shownLine(path)} is not JSON that can be used${shownLine(where)}: ${first?.rule ?? ''}.`);
  }
}
