import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Clock } from '../../ports/clock.port.ts';
import { type Directory, type Identity, speakerRole } from '../../ports/directory.port.ts';
import type { TokenVerifier } from '../../ports/token-service.port.ts';
import { acrOf, type Claims, personSubject, serviceSubject, standingIn } from './claims.ts';
import type { BearerSettings, OidcSettings } from './oidc-settings.ts';
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

const clockToleranceSeconds = 5;

export interface OidcTokenDependencies {
  readonly settings: Pick<OidcSettings, 'claims'>;
  readonly bearer: BearerSettings;
  readonly connection: ProviderConnection;
  /** Knows people; they count only while it does. */
  readonly directory: Pick<Directory, 'find'>;
  readonly clock: Clock;
}

/**
 * Access tokens of the issuer as JWTs (RFC 9068, and those of providers that leave out some of it).
 * A token is its client's own, or a person's whom an allowed client speaks for; every other one is nobody's.
 */
export function createOidcTokens(dependencies: OidcTokenDependencies): TokenVerifier {
  const { settings, bearer, connection, directory, clock } = dependencies;
  let keys: { readonly from: string; readonly find: JWTVerifyGetKey } | undefined;

  async function issuerKeys(): Promise<{ readonly issuer: string; readonly find: JWTVerifyGetKey }> {
    const { issuer, jwks_uri: from } = (await connection.configuration()).serverMetadata();
    if (from === undefined) throw new CountersignError('sign-in-invalid', { message: 'The provider names no keys.' });
    if (keys?.from !== from)
      keys = { from, find: reachable(createRemoteJWKSet(new URL(from), { cooldownDuration: keyCooldownMs })) };
    return { issuer, find: keys.find };
  }

  async function verifiedPayload(token: string): Promise<{ readonly issuer: string; readonly payload: JWTPayload }> {
    const { issuer, find } = await issuerKeys();
    const { payload } = await jwtVerify(token, find, {
      issuer,
      audience: bearer.audience,
      algorithms: [...tokenAlgorithms],
      requiredClaims: ['sub', 'exp', 'iat'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(clock.now()),
    });
    return { issuer, payload };
  }

  return {
    async verify(token) {
      try {
        const { issuer, payload } = await verifiedPayload(token);
        const { sub, jti: tokenId = '' } = payload;
        const client = clientOf(payload);
        if (sub === undefined || client === undefined) return undefined;
        if (sub === client || bearer.services.includes(client)) {
          const service = serviceOf(issuer, client, payload, settings, bearer);
          return { subject: service.subject, tokenId, service };
        }
        const subject = personSubject(issuer, sub);
        const isSpokenFor = bearer.speakers.includes(client) && (await directory.find(subject)) !== undefined;
        return isSpokenFor ? { subject, tokenId } : undefined;
      } catch (error) {
        if (error instanceof CountersignError && error.code === 'identity-provider-unavailable') throw error;
        return undefined;
      }
    },
  };
}

function serviceOf(
  issuer: string,
  client: string,
  claims: Claims,
  settings: Pick<OidcSettings, 'claims'>,
  { speakers }: BearerSettings,
): Identity {
  const { roles, groups, tenant } = standingIn(claims, settings.claims);
  return {
    subject: serviceSubject(issuer, client),
    displayName: client,
    kind: 'service',
    acr: acrOf(claims),
    roles: speakers.includes(client) ? [...roles, speakerRole] : roles,
    groups,
    tenant,
  };
}

/** RFC 9068 says `client_id`; other providers `azp` or `appid`. Two that differ name nobody. */
function clientOf(payload: JWTPayload): string | undefined {
  const named = ['client_id', 'azp', 'appid'].map((claim) => payload[claim]).filter((value) => value !== undefined);
  const [client] = named;
  const isOne = named.every((value) => value === client);
  return isOne && typeof client === 'string' && /^[\x21-\x7e]{1,255}$/.test(client) ? client : undefined;
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
