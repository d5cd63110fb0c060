import {
  type StoredEnvelope,
  storedEnvelopeSchema,
  storedSheetSchema,
} from '../../contracts/http/stored-action.schema.ts';
import { digestOf } from '../../digest/digest.ts';
import type { ActionSheet } from '../../domain/action-sheet.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';

/** The action that the row asks about. Fails with `blob-missing` unless it is, byte for byte, what the digest names. */
export async function readEnvelope(blobs: BlobStore, row: ApprovalRow): Promise<StoredEnvelope> {
  const stored = await blobs.get(row.tenant, 'envelope', row.envelopeRef);
  if (digestOf('action', stored) !== row.actionDigest) throw new CountersignError('blob-missing');
  return storedEnvelopeSchema.parse(stored);
}

/** What approvers are shown. Fails with `blob-missing` unless it is what verdicts are signed over. */
export async function readSheet(
  blobs: BlobStore,
  row: Pick<ApprovalRow, 'tenant' | 'sheetRef' | 'renderHash'>,
): Promise<ActionSheet> {
  const stored = await blobs.get(row.tenant, 'sheet', row.sheetRef);
  if (digestOf('render', stored) !== row.renderHash) throw new CountersignError('blob-missing');
  return storedSheetSchema.parse(stored);
}

/** Envelope or sheet are missing or changed, or the row itself does not open. */
export function isLost(error: unknown): boolean {
  return error instanceof CountersignError && (error.code === 'blob-missing' || error.code === 'undecodable');
}
