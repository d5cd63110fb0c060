import { createWebauthnVerifier } from '../../adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import type { Receipt } from '../../contracts/http/receipt.schema.ts';
import { stepUpChallenge } from '../../digest/passkey-digests.ts';
import { carriedProof, type ReceiptVerdict } from './carried-proof.ts';

/** Whose signature under a proof the receipt has no key for. */
export type UncheckedSignature = 'passkey' | 'identity-provider';

export interface CheckedProofs {
  /** False where a passkey in the receipt did not sign what it is said to have signed. */
  readonly hold: boolean;
  /** The deployment verified these before the effect; here it can only be seen what they are about. */
  readonly unchecked: readonly UncheckedSignature[];
}

/** The signatures under the proofs in a receipt, as far as their keys are in it. Older receipts have no passkeys. */
export async function checkProofs({ verdicts, withdrawnVerdicts = [], passkeys }: Receipt): Promise<CheckedProofs> {
  const given = [...verdicts, ...withdrawnVerdicts].map(({ verdict }) => verdict);
  const found = await Promise.all(
    given.map(async (verdict) => {
      const whose = carriedProof(verdict);
      if (whose !== 'passkey' || passkeys === undefined) return whose ?? 'none';
      return (await isSigned(verdict, passkeys)) ? 'holds' : 'broken';
    }),
  );
  const unchecked = found.filter((proof) => proof === 'passkey' || proof === 'identity-provider');
  return { hold: !found.includes('broken'), unchecked: [...new Set(unchecked)] };
}

async function isSigned(verdict: ReceiptVerdict, passkeys: NonNullable<Receipt['passkeys']>): Promise<boolean> {
  const { assertion, approver } = verdict;
  const passkey = passkeys.find(
    ({ credentialId, subject }) => credentialId === assertion?.credentialId && subject === approver,
  );
  if (assertion === undefined || passkey === undefined) return false;
  const { rpId } = passkey;
  // The counter was for the moment of the answer; what is asked here is only who signed.
  const credential = { ...passkey, counter: 0 };
  const challenge = stepUpChallenge(verdict);
  return (await createWebauthnVerifier().verifyAssertion(assertion, challenge, credential, { rpId })) !== undefined;
}
