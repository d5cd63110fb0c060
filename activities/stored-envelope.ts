import type { RunKey } from '../src/contracts/run-activities.ts';
import { digestOf } from '../src/digest/digest.ts';
import type { ActionEnvelope, ActionReference } from '../src/domain/action.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { JsonObject } from '../src/domain/json.ts';
import { type BlobStore, parseBlobRef } from '../src/ports/blob-store.port.ts';

/**
 * The envelope behind a reference that a workflow handed over. The workflow is not believed: the digest is computed
 * again, and the envelope must belong to this run and this call. Anything else fails with `digest-conflict`.
 */
export async function storedEnvelope(blobs: BlobStore, run: RunKey, action: ActionReference): Promise<ActionEnvelope> {
  const content = await blobs.get(run.tenant, 'envelope', parseBlobRef(action.envelopeRef));
  const envelope = content as object as ActionEnvelope;
  const isOurs =
    envelope.tenant === run.tenant &&
    envelope.runId === run.runId &&
    envelope.callId === action.callId &&
    action.key === `${run.tenant}/${run.runId}/${envelope.callId}`;
  if (!isOurs || digestOf('action', content as JsonObject) !== action.actionDigest) throw new CountersignError('digest-conflict');
  return envelope;
}
