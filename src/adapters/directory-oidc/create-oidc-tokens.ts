import { type JWTPayload, jwtVerify } from 'jose';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Clock } from '../../ports/clock.port.ts';
import { type Directory, type Identity, speakerRole } from '../../ports/directory.port.ts';
import type { TokenVerifier } from '../../ports/token-service.port.ts';
import { acrOf, type Claims, personSubject, serviceSubject, standingIn } from './claims.ts';
import { createIssuerKeys, tokenAlgorithms } from './issuer-keys.ts';
import type { BearerSettings, OidcSettings } from './oidc-settings.ts';
import type { ProviderConnection } from './provider-connection.ts';

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
  const issuerKeys = createIssuerKeys(connection);

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
