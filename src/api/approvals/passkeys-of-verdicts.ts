import type { Receipt } from '../../contracts/http/receipt.schema.ts';
import { passkeyIdOf } from '../../digest/passkey-digests.ts';
import type { SignedVerdict } from '../../domain/approval.ts';
import type { PasskeyStore } from '../../ports/passkey-store.port.ts';

/** What the assertions in these verdicts are checked with, each passkey once; those that are revoked by now as well. */
export async function passkeysOfVerdicts(
  passkeys: Pick<PasskeyStore, 'find'>,
  tenant: string,
  signed: readonly SignedVerdict[],
): Promise<NonNullable<Receipt['passkeys']>> {
  const credentials = new Set(signed.flatMap(({ verdict }) => verdict.assertion?.credentialId ?? []));
  const found = await Promise.all([...credentials].map((credential) => passkeys.find(tenant, passkeyIdOf(credential))));
  return found.flatMap((passkey) => {
    if (passkey === undefined) return [];
    const { subject, credentialId, publicKey, rpId } = passkey;
    return [{ subject, credentialId, publicKey, rpId }];
  });
}
