import { writeFile } from 'node:fs/promises';
import { type PublicKeysView, publicKeysSchema } from '../../contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { readTextFile } from '../read-text-file.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from '../usage-error.ts';
import { type CheckedReceipt, verifyReceipt } from './verify-receipt.ts';

export interface ReceiptOptions extends ServerOptions {
  readonly out?: string;
  readonly json?: true;
}

export interface VerifyOptions {
  readonly keys?: string;
  readonly json?: true;
}

const maxFileBytes = 16 * 1_024 * 1_024;

/** Writes the receipt to a new file, or to the output as it stands. */
export async function keepReceipt(shell: Shell, id: string, options: ReceiptOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'approver');
  const receipt = await client.approvals.receipt(id, { signal: shell.interrupted });
  const text = canonicalJson(receipt as object as JsonObject);
  if (options.out === undefined) {
    shell.streams.output.write(text);
    return exitCodes.ok;
  }
  await writeFile(options.out, text, { flag: 'wx', mode: 0o600 }).catch(() => {
    throw new UsageError(`--out: ${options.out} cannot be written, or is there already.`);
  });
  terminal.emit({ approvalId: id, file: options.out });
  terminal.line(`  ${terminal.paint.good('✓')} Kept in ${shownLine(options.out)}.`);
  return exitCodes.ok;
}

/** The public keys of the deployment, for `approvals verify --keys`. */
export async function showKeys(shell: Shell, options: ReceiptOptions): Promise<ExitCode> {
  const { client } = await connect(options, shell.configuration, 'approver');
  const keys = await client.publicKeys({ signal: shell.interrupted });
  shell.streams.output.write(`${JSON.stringify(keys)}\n`);
  return exitCodes.ok;
}

/** Checks a receipt without a server: 0 where everything holds, 1 otherwise. */
export async function checkReceipt(shell: Shell, file: string, options: VerifyOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const given = options.keys === undefined ? undefined : keysIn(await readTextFile(options.keys, maxFileBytes));
  const checked = await verifyReceipt(await readTextFile(file, maxFileBytes), given);
  const { receipt, ...outcome } = checked;
  terminal.emit({
    ...outcome,
    ...(receipt && { approvalId: receipt.approval.approvalId, state: receipt.approval.state }),
  });
  tellOutcome(terminal, checked);
  return checked.verified ? exitCodes.ok : exitCodes.failure;
}

function tellOutcome(terminal: Terminal, { verified, trust, checks, keys, unchecked, receipt }: CheckedReceipt): void {
  const { paint } = terminal;
  for (const { name, holds } of checks) terminal.line(`  ${holds ? paint.good('✓') : paint.bad('✗')} ${name}`);
  if (receipt !== undefined) {
    const { approvalId, state, tool, actionDigest } = receipt.approval;
    terminal.line(`  ${shownLine(approvalId)}  ${state}  ${shownLine(tool)}`);
    terminal.line(`  ${shownLine(actionDigest)}`);
    for (const { verdict } of receipt.verdicts) {
      const { approver, delegation, at } = verdict;
      const lender = delegation === undefined ? '' : ` for ${shownLine(delegation.from)}`;
      terminal.line(`  ${verdict.verdict} by ${shownLine(approver)}${lender}, ${shownLine(at)}`);
    }
  }
  for (const whose of unchecked)
    terminal.line(`  Proofs name exactly these answers; the ${whose}’s signature under them is not checked here.`);
  if (trust === 'receipt')
    terminal.line('  The keys come from the file itself: compare their fingerprints, or name keys with --keys.');
  for (const { kid, purpose, fingerprint } of keys) {
    terminal.line(`  ${purpose}  ${shownLine(kid)}`);
    terminal.line(`    ${fingerprint}`);
  }
  terminal.line(verified ? `  ${paint.good('The receipt holds.')}` : `  ${paint.bad('The receipt does not hold.')}`);
}

function keysIn(text: string): PublicKeysView['keys'] {
  try {
    return publicKeysSchema.parse(JSON.parse(text)).keys;
  } catch {
    throw new UsageError('--keys: the file holds no keys as `countersign keys` prints them.');
  }
}
