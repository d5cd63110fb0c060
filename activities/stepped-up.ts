import { passkeyAssertionSchema } from '../src/contracts/http/passkey.schema.ts';
import { passkeyIdOf, stepUpChallenge } from '../src/digest/passkey-digests.ts';
import type { Verdict } from '../src/domain/approval.ts';
import { type Passkey, passkeyAcr } from '../src/domain/passkey.ts';
import type { DecisionDeps } from './activity-deps.ts';

/**
 * Whether the approver's own passkey signed exactly this verdict. What the verdict claims of itself says nothing, and
 * neither does the API's signature over it: the challenge is computed again, and the passkey is the one of the records.
 */
export async function isSteppedUp(
  { passkeys, passkeyVerifier }: Pick<DecisionDeps, 'passkeys' | 'passkeyVerifier'>,
  verdict: Verdict,
): Promise<boolean> {
  const assertion = passkeyAssertionSchema.safeParse(verdict.assertion);
  if (verdict.acr !== passkeyAcr || !assertion.success) return false;
  const passkey = await passkeys.find(verdict.tenant, passkeyIdOf(assertion.data.credentialId));
  if (passkey === undefined || !couldProve(passkey, verdict)) return false;
  // The API has counted this very use already, so the counter proves nothing here; the nonce is spent once instead.
  const credential = { ...passkey, counter: 0 };
  const { rpId } = passkey;
  const signed = await passkeyVerifier.verifyAssertion(assertion.data, stepUpChallenge(verdict), credential, { rpId });
  return signed !== undefined;
}

/** Confirmed by a second person before the verdict was given, and not revoked until now. */
function couldProve({ state, subject, confirmedBy, confirmedAt }: Passkey, { approver, at }: Verdict): boolean {
  if (state !== 'confirmed' || subject !== approver) return false;
  return confirmedBy !== undefined && confirmedBy !== subject && confirmedAt !== undefined && confirmedAt <= at;
}
