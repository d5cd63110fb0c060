import { storedEnvelopeSchema } from '../src/contracts/http/stored-action.schema.ts';
import type { RunKey } from '../src/contracts/run-activities.ts';
import { digestOf } from '../src/digest/digest.ts';
import type { ActionEnvelope, ActionReference } from '../src/domain/action.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { isCallId } from '../src/domain/ids.ts';
import { type BlobStore, parseBlobRef } from '../src/ports/blob-store.port.ts';
import { answerTool } from './decide-action.ts';

/**
 * The envelope behind a reference that a workflow handed over. The workflow is not believed, and neither is whoever
 * stored the envelope: it must have the form of one, its digest is computed again, and everything that the reference
 * repeats must be said in it too, or one action could be decided and counted under another's name.
 * Anything else fails with `digest-conflict`.
 */
export async function storedEnvelope(blobs: BlobStore, run: RunKey, action: ActionReference): Promise<ActionEnvelope> {
  const content = await blobs.get(run.tenant, 'envelope', parseBlobRef(action.envelopeRef));
  const parsed = storedEnvelopeSchema.safeParse(content);
  if (!parsed.success || digestOf('action', parsed.data) !== action.actionDigest)
    throw new CountersignError('digest-conflict');
  const { callId, ...rest } = parsed.data;
  if (!isCallId(callId)) throw new CountersignError('digest-conflict');
  const envelope: ActionEnvelope = { ...rest, callId };
  if (!isOfThisAction(envelope, run, action) || !isWhole(envelope)) throw new CountersignError('digest-conflict');
  return envelope;
}

function isOfThisAction(envelope: ActionEnvelope, run: RunKey, action: ActionReference): boolean {
  return (
    envelope.tenant === run.tenant &&
    envelope.runId === run.runId &&
    envelope.callId === action.callId &&
    envelope.kind === action.kind &&
    envelope.tool === action.tool &&
    action.key === `${run.tenant}/${run.runId}/${envelope.callId}`
  );
}

/** The answer is the one action without a tool; a time that is none would never be over. */
function isWhole(envelope: ActionEnvelope): boolean {
  const isKnownKind =
    envelope.kind === 'answer'
      ? envelope.tool === answerTool
      : envelope.kind === 'tool-call' && envelope.tool !== answerTool;
  return isKnownKind && Number.isFinite(Date.parse(envelope.expiresAt));
}
