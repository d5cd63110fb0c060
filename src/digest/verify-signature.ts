import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { KeyService, PublicSigningKey, Signature, SigningPurpose } from '../ports/key-service.port.ts';

const signatureForm = /^[A-Za-z0-9_-]{86}$/;

/** What is signed: the purpose is part of it, so that a signature of one kind never passes for another. */
export function signedBytes(purpose: SigningPurpose, text: string): Buffer {
  return Buffer.from(`countersign/${purpose}/v1\0${text}`, 'utf8');
}

/** Ed25519; false for every spelling but the one that signing gives. */
export function isSignedWith(
  key: KeyObject,
  purpose: SigningPurpose,
  text: string,
  { signature }: Pick<Signature, 'signature'>,
): boolean {
  if (!signatureForm.test(signature)) return false;
  const bytes = Buffer.from(signature, 'base64url');
  // The last character carries four unused bits: only one spelling of a signature is accepted.
  if (bytes.toString('base64url') !== signature) return false;
  return verify(null, signedBytes(purpose, text), key, bytes);
}

export interface PurposefulKey extends PublicSigningKey {
  readonly purpose: SigningPurpose;
}

/** Verifies with public keys and nothing else: whoever holds this can check verdicts and make none. */
export function createPublicVerifier(keys: readonly PurposefulKey[]): Pick<KeyService, 'verify'> {
  const loaded = keys.map(({ purpose, kid, kty, crv, x }) => ({
    purpose,
    kid,
    key: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }),
  }));
  return {
    verify: async (purpose, text, signature) =>
      loaded.some(
        (one) =>
          one.purpose === purpose && one.kid === signature.keyId && isSignedWith(one.key, purpose, text, signature),
      ),
  };
}
