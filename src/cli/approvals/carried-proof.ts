import { decodeJwt } from 'jose';
import type { Receipt } from '../../contracts/http/receipt.schema.ts';
import { stepUpChallenge } from '../../digest/passkey-digests.ts';
import { passkeyAcr } from '../../domain/passkey.ts';
import { providerAcr } from '../../domain/reauthentication.ts';

export type ReceiptVerdict = Receipt['verdicts'][number]['verdict'];

/** Whose signature stands under the proof that a verdict carries for exactly itself; undefined where it carries none. */
export function carriedProof(verdict: ReceiptVerdict): 'passkey' | 'identity-provider' | undefined {
  const { acr, assertion, reauthentication, approver } = verdict;
  const challenge = stepUpChallenge(verdict);
  if (acr === passkeyAcr && assertion !== undefined)
    return challengeIn(assertion.clientDataJson) === challenge ? 'passkey' : undefined;
  if (acr !== providerAcr || reauthentication === undefined) return undefined;
  const { iss, sub, nonce } = claimsIn(reauthentication.idToken);
  return nonce === challenge && `${iss}#${sub}` === approver ? 'identity-provider' : undefined;
}

function challengeIn(clientDataJson: string): unknown {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'));
    return typeof data === 'object' && data !== null && 'challenge' in data ? data.challenge : undefined;
  } catch {
    return undefined;
  }
}

function claimsIn(idToken: string) {
  try {
    return decodeJwt(idToken);
  } catch {
    return {};
  }
}
