import { storedSheetSchema } from '../src/contracts/http/stored-action.schema.ts';
import { digestOf } from '../src/digest/digest.ts';
import type { ActionEnvelope } from '../src/domain/action.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Ticket } from '../src/domain/ticket.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import type { BlobStore } from '../src/ports/blob-store.port.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import { sheetOf } from './action-sheet-of.ts';

/**
 * Whether people were shown what will run. Verdicts are signed over the digest of a sheet, and whoever opened the
 * approval chose the sheet, so it is built again from the envelope; reasons and what the records said are all it may bring itself.
 */
export async function wasShown(
  blobs: BlobStore,
  approval: ApprovalRow,
  ticket: Ticket,
  envelope: ActionEnvelope,
  tool: CatalogueTool | undefined,
): Promise<boolean> {
  if (approval.renderHash !== envelope.renderHash) return false;
  const shown = storedSheetSchema.safeParse(await blobs.get(approval.tenant, 'sheet', approval.sheetRef));
  if (!shown.success) return false;
  const { reasons, facts, records } = shown.data;
  const { kind, args, edited } = envelope;
  const sheet = sheetOf(ticket, { kind, tool, args, edited }, reasons, { facts, records });
  return digestOf('render', sheet as object as JsonObject) === envelope.renderHash;
}
