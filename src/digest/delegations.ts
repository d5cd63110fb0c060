import type { Delegation, SignedDelegation } from '../domain/delegation.ts';
import type { JsonObject } from '../domain/json.ts';
import type { DelegationRow } from '../ports/delegation-store.port.ts';
import type { KeyService } from '../ports/key-service.port.ts';
import { canonicalJson } from './canonical-json.ts';

export function delegationText(delegation: Delegation): string {
  return canonicalJson(delegation as object as JsonObject);
}

/** Whether the API signed exactly this, under whatever row it was found. */
export function isGenuine(
  keys: Pick<KeyService, 'verify'>,
  { delegation, keyId, signature }: SignedDelegation,
): Promise<boolean> {
  return keys.verify('delegation', delegationText(delegation), { keyId, signature });
}

/** What of a row can be believed: undefined where it has ended, or where nobody signed it for this tenant and id. */
export async function activeDelegation(
  keys: Pick<KeyService, 'verify'>,
  { signed, state }: DelegationRow,
  { tenant, delegationId }: Pick<Delegation, 'tenant' | 'delegationId'>,
): Promise<Delegation | undefined> {
  const { delegation } = signed;
  if (state !== 'active' || delegation.tenant !== tenant || delegation.delegationId !== delegationId) return undefined;
  return (await isGenuine(keys, signed)) ? delegation : undefined;
}
