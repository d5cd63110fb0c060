import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isSignedWith, signedBytes } from '../../digest/verify-signature.ts';
import type { PublicSigningKey, Signature, SigningPurpose } from '../../ports/key-service.port.ts';
import { createKeyRing, type KeyForm } from './key-ring.ts';

export interface SigningKeys {
  sign(purpose: SigningPurpose, text: string): Promise<Signature>;
  verify(purpose: SigningPurpose, text: string, signature: Signature): Promise<boolean>;
  publicKeys(purpose: SigningPurpose): Promise<readonly PublicSigningKey[]>;
  /** From now on a new key signs; what the ones before it have signed verifies as before. */
  rotate(purpose: SigningPurpose): Promise<void>;
}

interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const form: KeyForm<SigningKey> = {
  generate: () => generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }),
  identity: (secret) => createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }),
  load: (keyId, secret) => {
    const privateKey = privateKeyOf(secret);
    return { keyId, privateKey, publicKey: createPublicKey(privateKey) };
  },
};

/** One key a purpose and generation: the newest signs, all of them verify. */
export function createSigningKeys(folder: string): SigningKeys {
  const first = createKeyRing<SigningKey>(folder, form, 1);
  const known = new Map<SigningPurpose, Promise<readonly SigningKey[]>>();

  const load = async (purpose: SigningPurpose): Promise<readonly SigningKey[]> => {
    const keys: SigningKey[] = [];
    for (let generation = 1; ; generation += 1) {
      const ring = generation === 1 ? first : createKeyRing<SigningKey>(folder, form, generation);
      const key = await ring.find(purpose);
      if (key === undefined) return keys;
      keys.push(key);
    }
  };

  /** Remembered once there is a key; until then another process may make the first one. */
  const all = async (purpose: SigningPurpose): Promise<readonly SigningKey[]> => {
    const cached = known.get(purpose);
    if (cached !== undefined) return cached;
    const loading = load(purpose);
    const keys = await loading;
    if (keys.length > 0) known.set(purpose, loading);
    return keys;
  };

  const newest = async (purpose: SigningPurpose): Promise<SigningKey> =>
    (await all(purpose)).at(-1) ?? first.ensure(purpose);

  return {
    async sign(purpose, text) {
      const key = await newest(purpose);
      return {
        keyId: key.keyId,
        signature: sign(null, signedBytes(purpose, text), key.privateKey).toString('base64url'),
      };
    },
    async verify(purpose, text, signature) {
      const key = (await all(purpose)).find(({ keyId }) => keyId === signature.keyId);
      return key !== undefined && isSignedWith(key.publicKey, purpose, text, signature);
    },
    async publicKeys(purpose) {
      await newest(purpose);
      return (await all(purpose)).map(({ keyId, publicKey }) => {
        const { x } = publicKey.export({ format: 'jwk' });
        if (x === undefined) throw new TypeError('an Ed25519 public key has an x');
        return { kty: 'OKP', crv: 'Ed25519', x, kid: keyId, use: 'sig', alg: 'EdDSA' };
      });
    },
    async rotate(purpose) {
      await newest(purpose);
      const generation = (await all(purpose)).length + 1;
      await createKeyRing<SigningKey>(folder, form, generation).ensure(purpose);
      known.delete(purpose);
    },
  };
}

function privateKeyOf(secret: Buffer): KeyObject {
  return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
}
