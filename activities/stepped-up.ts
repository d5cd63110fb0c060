import { passkeyAssertionSchema } from '../src/contracts/http/passkey.schema.ts';
import { reauthenticationSchema } from '../src/contracts/http/reauthentication.schema.ts';
import { passkeyIdOf, stepUpChallenge } from '../src/digest/passkey-digests.ts';
import type { Verdict } from '../src/domain/approval.ts';
import { type Passkey, passkeyAcr } from '../src/domain/passkey.ts';
import { providerAcr } from '../src/domain/reauthentication.ts';
import type { DecisionDeps } from './activity-deps.ts';

/** What a step-up is verified with: public keys alone. */
export type StepUpDeps = Pick<DecisionDeps, 'passkeys' | 'passkeyVerifier' | 'reauthentication'>;

/** Whether the approver proved exactly this verdict, in one of the two ways that there are. */
export async function isSteppedUp(deps: StepUpDeps, verdict: Verdict): Promise<boolean> {
  switch (verdict.acr) {
    case passkeyAcr:
      return isSignedByPasskey(deps, verdict);
    case providerAcr:
      return isReauthenticated(deps, verdict);
    default:
      return false;
  }
}

/** Whether the identity provider says that the approver signed in for exactly this verdict, whose challenge is the nonce. */
async function isReauthenticated({ reauthentication }: StepUpDeps, verdict: Verdict): Promise<boolean> {
  const proof = reauthenticationSchema.safeParse(verdict.reauthentication);
  if (!proof.success) return false;
  const { approver, at } = verdict;
  return reauthentication.verify(proof.data.idToken, { approver, at, nonce: stepUpChallenge(verdict) });
}

/**
 * Whether the approver's own passkey signed exactly this verdict. What the verdict claims of itself says nothing, and
 * neither does the API's signature over it: the challenge is computed again, and the passkey is the one of the records.
 */
async function isSignedByPasskey({ passkeys, passkeyVerifier }: StepUpDeps, verdict: Verdict): Promise<boolean> {
  const assertion = passkeyAssertionSchema.safeParse(verdict.assertion);
  if (!assertion.success) return false;
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
