import { CountersignError } from '../../domain/countersign-error.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';

/** Seals a value for one place in the database: the context binds it there, so that rows cannot be swapped. */
export function sealJson(keys: KeyService, tenant: string, context: string, value: object): Promise<Sealed> {
  return keys.seal(tenant, context, Buffer.from(JSON.stringify(value), 'utf8'));
}

/** Fails with `undecodable` when the column was changed, moved from elsewhere, or sealed with an unknown key. */
export async function openJson<Value>(
  keys: KeyService,
  tenant: string,
  context: string,
  sealed: Sealed,
): Promise<Value> {
  const bytes = await keys.open(tenant, context, sealed);
  if (bytes === undefined)
    throw new CountersignError('undecodable', { message: `A stored ${context.split('/')[0]} does not verify.` });
  // Authenticated: these are the bytes that sealJson wrote for this context.
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Value;
}
