import { type SteerMessageView, storedSteerTextSchema } from '../../contracts/http/steering.schema.ts';
import { isGenuineSteering } from '../../digest/steering.ts';
import { type BlobStore, parseBlobRef } from '../../ports/blob-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';
import type { StoredSteerMessage } from '../../ports/steering-store.port.ts';

/** Those that the API has signed for this run and place; the others are shown to nobody. */
export async function genuineMessages(
  deps: { readonly keys: KeyService },
  row: RunRow,
  stored: readonly StoredSteerMessage[],
): Promise<readonly StoredSteerMessage[]> {
  const checked = await Promise.all(
    stored.map(async (one) => ((await isGenuineSteering(deps, row, one)) ? [one] : [])),
  );
  return checked.flat();
}

export async function messageView(
  blobs: BlobStore,
  row: RunRow,
  { signed: { message }, takenTurn }: StoredSteerMessage,
): Promise<SteerMessageView> {
  const stored = await blobs.get(row.tenant, 'steering', parseBlobRef(message.textRef));
  return {
    steerId: message.steerId,
    runId: message.runId,
    position: message.position,
    text: storedSteerTextSchema.parse(stored).text,
    by: message.author,
    authority: message.authority,
    at: message.at,
    state: takenTurn !== undefined ? 'taken' : row.closed === undefined ? 'waiting' : 'unread',
    ...(takenTurn !== undefined && { takenTurn }),
  };
}
