import type { Verdict } from '../domain/approval.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Passkey } from '../domain/passkey.ts';
import { digestOf, digestOfText } from './digest.ts';

const prefixLength = 'sha256:'.length;

/** Follows from the credential, so that an assertion leads to its passkey and no credential is enrolled twice. */
export function passkeyIdOf(credentialId: string): string {
  return `psk_${digestOfText('passkey', credentialId).slice(prefixLength, prefixLength + 32)}`;
}

/** Four groups of four hexadecimal digits over credential and public key, for two people to compare. */
export function passkeyFingerprint({ credentialId, publicKey }: Pick<Passkey, 'credentialId' | 'publicKey'>): string {
  const hex = digestOf('passkey', { credentialId, publicKey }).slice(prefixLength, prefixLength + 16);
  return (hex.match(/.{4}/g) ?? []).join(' ');
}

/** What a step-up is about; the rest of a verdict follows from it, or changes nothing of what happens. */
export type SteppedUpVerdict = Pick<
  Verdict,
  'approvalId' | 'actionDigest' | 'renderHash' | 'verdict' | 'approver' | 'roles' | 'acr' | 'nonce' | 'at' | 'edit'
>;

/** What proves a verdict, and no other: base64url of 32 bytes, for a passkey to sign. */
export function stepUpChallenge(verdict: SteppedUpVerdict): string {
  const { edit } = verdict;
  const digest = digestOf('step-up', {
    approvalId: verdict.approvalId,
    actionDigest: verdict.actionDigest,
    renderHash: verdict.renderHash,
    verdict: verdict.verdict,
    approver: verdict.approver,
    roles: [...verdict.roles],
    acr: verdict.acr,
    nonce: verdict.nonce,
    at: verdict.at,
    ...(edit !== undefined && { edit: edit as object as JsonObject }),
  });
  return Buffer.from(digest.slice(prefixLength), 'hex').toString('base64url');
}
