import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ProviderConnection } from './provider-connection.ts';

/** Signatures by a key that only the issuer has; never `none`, never a shared secret. */
export const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** Between two looks for a key that is not known: tokens with invented ones must not become a flood of requests. */
export const keyCooldownMs = 30 * 1_000;

/** The issuer as it names itself, and its public keys. */
export interface IssuerKeys {
  readonly issuer: string;
  readonly find: JWTVerifyGetKey;
}

/** Keys are fetched when they are needed and kept for a while. Codes: `identity-provider-unavailable`, `sign-in-invalid`. */
export function createIssuerKeys(connection: ProviderConnection): () => Promise<IssuerKeys> {
  let keys: { readonly from: string; readonly find: JWTVerifyGetKey } | undefined;

  return async () => {
    const { issuer, jwks_uri: from } = (await connection.configuration()).serverMetadata();
    if (from === undefined) throw new CountersignError('sign-in-invalid', { message: 'The provider names no keys.' });
    if (keys?.from !== from)
      keys = { from, find: reachable(createRemoteJWKSet(new URL(from), { cooldownDuration: keyCooldownMs })) };
    return { issuer, find: keys.find };
  };
}

/** No key that fits is the token's fault; no answer is the provider's, and another try may succeed. */
function reachable(find: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      const isOfToken = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
      if (isOfToken || error instanceof errors.JOSENotSupported) throw error;
      throw new CountersignError('identity-provider-unavailable');
    }
  };
}
