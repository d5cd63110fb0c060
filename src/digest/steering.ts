import type { JsonObject } from '../domain/json.ts';
import type { KeyService } from '../ports/key-service.port.ts';
import type { StoredSteerMessage } from '../ports/steering-store.port.ts';
import { canonicalJson } from './canonical-json.ts';

/** Whether the API signed this message for this run and this place. A row that somebody else wrote is nobody's word. */
export async function isGenuineSteering(
  { keys }: { readonly keys: Pick<KeyService, 'verify'> },
  run: { readonly tenant: string; readonly runId: string },
  { signed, position }: StoredSteerMessage,
): Promise<boolean> {
  const { message } = signed;
  const isBound = message.tenant === run.tenant && message.runId === run.runId && message.position === position;
  return isBound && keys.verify('steering', canonicalJson(message as object as JsonObject), signed);
}
