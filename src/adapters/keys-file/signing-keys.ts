import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Signature, SigningPurpose } from '../../ports/key-service.port.ts';
import { createKeyRing } from './key-ring.ts';

/** A verifier's view of a signing key (RFC 8037), as JWKS and evidence packs carry it. */
export interface PublicSigningKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

export interface SigningKeys {
  sign(purpose: SigningPurpose, text: string): Promise<Signature>;
  verify(purpose: SigningPurpose, text: string, signature: Signature): Promise<boolean>;
  publicKeys(purpose: SigningPurpose): Promise<readonly PublicSigningKey[]>;
}

interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const signatureForm = /^[A-Za-z0-9_-]{86}$/;

export function createSigningKeys(folder: string): SigningKeys {
  const ring = createKeyRing<SigningKey>(folder, {
    generate: () => generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }),
    identity: (secret) => createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }),
    load: (keyId, secret) => {
      const privateKey = privateKeyOf(secret);
      return { keyId, privateKey, publicKey: createPublicKey(privateKey) };
    },
  });

  return {
    async sign(purpose, text) {
      const key = await ring.ensure(purpose);
      return {
        keyId: key.keyId,
        signature: sign(null, signedBytes(purpose, text), key.privateKey).toString('base64url'),
      };
    },
    async verify(purpose, text, signature) {
      const key = await ring.find(purpose);
      if (key === undefined || key.keyId !== signature.keyId || !signatureForm.test(signature.signature)) return false;
      const bytes = Buffer.from(signature.signature, 'base64url');
      // The last character carries four unused bits: only one spelling of a signature is accepted.
      if (bytes.toString('base64url') !== signature.signature) return false;
      return verify(null, signedBytes(purpose, text), key.publicKey, bytes);
    },
    async publicKeys(purpose) {
      const { keyId, publicKey } = await ring.ensure(purpose);
      const { x } = publicKey.export({ format: 'jwk' });
      if (x === undefined) throw new TypeError('an Ed25519 public key has an x');
      return [{ kty: 'OKP', crv: 'Ed25519', x, kid: keyId, use: 'sig', alg: 'EdDSA' }];
    },
  };
}

/** What is signed: the purpose is part of it, so that a signature of one kind never passes for another. */
function signedBytes(purpose: SigningPurpose, text: string): Buffer {
  return Buffer.from(`countersign/${purpose}/v1\0${text}`, 'utf8');
}

function privateKeyOf(secret: Buffer): KeyObject {
  return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
}
