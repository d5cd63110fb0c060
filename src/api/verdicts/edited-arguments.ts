import { canonicalJson } from '../../digest/canonical-json.ts';
import { editDigest } from '../../digest/edits.ts';
import { maxArgumentCharacters } from '../../domain/action.ts';
import type { VerdictEdit, VerdictKind } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { ArgumentChecker } from '../../ports/argument-checker.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { readEnvelope } from '../approvals/stored-action.ts';

export interface EditDependencies {
  readonly blobs: BlobStore;
  readonly catalogue: Pick<Catalogue, 'tool'>;
  readonly argumentChecker: ArgumentChecker;
}

/**
 * Keeps what a person wrote, and says what he signs of it. The call and the tool are those of the action that the digest
 * names, not of the row. Fails with `invalid-request` and the paths of arguments that the tool would not take.
 */
export async function editOf(
  { blobs, catalogue, argumentChecker }: EditDependencies,
  row: ApprovalRow,
  { args }: { readonly args?: JsonObject | undefined },
): Promise<VerdictEdit> {
  if (args === undefined) throw invalid('args', 'must hold the arguments as they should be');
  const { kind, tool: name, args: before, callId, runId } = await readEnvelope(blobs, row);
  if (runId !== row.runId) throw new CountersignError('blob-missing');
  if (kind !== 'tool-call') throw invalid('verdict', 'edit is for the arguments of a tool: reject this and say why');
  const tool = catalogue.tool(name);
  if (tool === undefined) throw invalid('verdict', 'edit is not possible: the tool is not in the catalogue any more');
  refuseUnusable(argumentChecker, tool.announced.inputSchema, args);
  if (canonicalJson(args) === canonicalJson(before)) throw invalid('args', 'must differ from what was asked');
  const argsRef = await blobs.put(row.tenant, 'edit', args);
  return { callId, argsRef, digest: editDigest(name, args), requirement: row.requirement };
}

/** What somebody who asks to prove an answer is about to write; undefined where he writes nothing. Fails like `editOf`. */
export async function askedEdit(
  dependencies: EditDependencies,
  row: ApprovalRow,
  { verdict, args }: { readonly verdict: VerdictKind; readonly args?: JsonObject | undefined },
): Promise<VerdictEdit | undefined> {
  if (verdict === 'edit') return editOf(dependencies, row, { args });
  refuseStrayArguments(args);
  return undefined;
}

/** Fails with `invalid-request` where arguments come with an answer that changes none. */
export function refuseStrayArguments(args: JsonObject | undefined): void {
  if (args !== undefined) throw invalid('args', 'is only for edit');
}

/** Whether these are the bytes that were fixed when the proof was asked for, or none where none were. */
export function isEditOf(
  fixed: VerdictEdit | undefined,
  { tool }: Pick<ApprovalRow, 'tool'>,
  { verdict, args }: { readonly verdict: VerdictKind; readonly args?: JsonObject | undefined },
): boolean {
  if (fixed === undefined || verdict !== 'edit' || args === undefined) return fixed === undefined && verdict !== 'edit';
  return editDigest(tool, args) === fixed.digest;
}

function refuseUnusable(checker: ArgumentChecker, schema: JsonObject, args: JsonObject): void {
  if (canonicalJson(args).length > maxArgumentCharacters)
    throw invalid('args', `must not be longer than ${maxArgumentCharacters} characters`);
  const broken = checker.check(schema, args);
  if (broken.length === 0) return;
  const fields = broken.map(({ path, rule }) => ({ path: path === '' ? 'args' : `args/${path}`, rule }));
  throw new CountersignError('invalid-request', { fields });
}

function invalid(path: string, rule: string): CountersignError {
  return new CountersignError('invalid-request', { fields: [{ path, rule }] });
}
