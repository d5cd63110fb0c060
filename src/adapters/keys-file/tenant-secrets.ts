import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { parseTenantId } from '../../domain/ids.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import { createKeyRing, type KeyForm } from './key-ring.ts';
import { createRandomPool } from './random-pool.ts';

export interface TenantSecrets {
  seal(tenant: string, context: string, plaintext: Uint8Array): Promise<Sealed>;
  open(tenant: string, context: string, sealed: Sealed): Promise<Uint8Array | undefined>;
  mac(tenant: string, purpose: 'content' | 'subject', bytes: Uint8Array): Promise<string>;
}

interface TenantKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

const ivBytes = 12;
const tagBytes = 16;

const randomKey: KeyForm<TenantKey> = {
  generate: () => randomBytes(32),
  identity: (secret) => secret,
  load: (keyId, secret) => {
    if (secret.length !== 32) throw new RangeError('a tenant key has 32 bytes');
    return { keyId, key: createSecretKey(secret) };
  },
};

/** A data key (AES-256-GCM) and a MAC key (HMAC-SHA-256) for every tenant: random and stored, so that they can be destroyed. */
export function createTenantSecrets(folder: string): TenantSecrets {
  const ring = createKeyRing(folder, randomKey);
  const random = createRandomPool();
  // The tenant becomes part of a file name, so its form is checked here whoever calls.
  const nameOf = (use: 'data' | 'mac', tenant: string) => `${use}-${parseTenantId(tenant)}`;

  return {
    async seal(tenant, context, plaintext) {
      const { keyId, key } = await ring.ensure(nameOf('data', tenant));
      const iv = random(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
      cipher.setAAD(associatedData(tenant, context, keyId));
      const body = cipher.update(plaintext);
      return { keyId, bytes: Buffer.concat([iv, body, cipher.final(), cipher.getAuthTag()]) };
    },
    async open(tenant, context, sealed) {
      const found = await ring.find(nameOf('data', tenant));
      if (found === undefined || found.keyId !== sealed.keyId) return undefined;
      return decrypted(found.key, associatedData(tenant, context, found.keyId), sealed.bytes);
    },
    async mac(tenant, purpose, bytes) {
      const { key } = await ring.ensure(nameOf('mac', tenant));
      return createHmac('sha256', key).update(`countersign/mac-${purpose}/v1\0`).update(bytes).digest('hex');
    },
  };
}

function decrypted(key: KeyObject, aad: Buffer, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(aad);
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, bytes.length - tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** A JSON list has one reading only, so no two triples give the same bytes. */
function associatedData(tenant: string, context: string, keyId: string): Buffer {
  return Buffer.from(JSON.stringify(['countersign/seal/v1', tenant, context, keyId]), 'utf8');
}
