import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { CountersignError } from '../../domain/countersign-error.ts';
import { maxIdTokenLength, providerSkewMs, reauthenticationMs } from '../../domain/reauthentication.ts';
import type { ExpectedReauthentication, ReauthenticationVerifier } from '../../ports/reauthentication-verifier.port.ts';
import { personSubject } from './claims.ts';
import { createIssuerKeys, tokenAlgorithms } from './issuer-keys.ts';
import type { OidcSettings, ReauthenticationRule } from './oidc-settings.ts';
import type { ProviderConnection } from './provider-connection.ts';

/**
 * ID tokens of the issuer for this client, whose nonce is a verdict's step-up challenge (OpenID Connect Core 1.0, 2 and
 * 3.1.3.7).
 *
 * That the token has expired since does not matter: `exp` says until when a client may begin a session with it, and none
 * begins here. What the verdict needs is when the person signed in, which `auth_time` says and expiry cannot change; an
 * effect may follow hours later, when a quorum is complete. So the token must have been valid when it was issued.
 */
export function createOidcReauthenticationVerifier(
  { clientId }: Pick<OidcSettings, 'clientId'>,
  rule: ReauthenticationRule,
  connection: ProviderConnection,
): ReauthenticationVerifier {
  const issuerKeys = createIssuerKeys(connection);

  async function verified(idToken: string): Promise<{ readonly issuer: string; readonly payload: JWTPayload }> {
    const { iat } = decodeJwt(idToken);
    const { issuer, find } = await issuerKeys();
    const { payload } = await jwtVerify(idToken, find, {
      issuer,
      audience: clientId,
      algorithms: [...tokenAlgorithms],
      requiredClaims: ['sub', 'exp', 'iat', 'nonce', 'auth_time'],
      currentDate: new Date((iat ?? Number.NaN) * 1_000),
    });
    return { issuer, payload };
  }

  return {
    async verify(idToken, expected) {
      if (idToken.length > maxIdTokenLength) return false;
      try {
        const { issuer, payload } = await verified(idToken);
        const { sub = '', nonce, acr } = payload;
        return (
          isForUs(payload, clientId) &&
          personSubject(issuer, sub) === expected.approver &&
          nonce === expected.nonce &&
          isInTime(payload, expected) &&
          (rule.acr === undefined || acr === rule.acr)
        );
      } catch (error) {
        if (error instanceof CountersignError && error.code === 'identity-provider-unavailable') throw error;
        return false;
      }
    },
  };
}

/** One audience, or several of which this client is the one that the token was issued to. */
function isForUs({ aud, azp }: JWTPayload, clientId: string): boolean {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return azp === undefined ? audiences.length === 1 : azp === clientId;
}

/** Signed in after he was asked, and before the attempt had expired. What is no number is in no time. */
function isInTime({ auth_time: signedInAt, iat }: JWTPayload, { at }: ExpectedReauthentication): boolean {
  const asked = Date.parse(at);
  const from = asked - providerSkewMs;
  const until = asked + reauthenticationMs + providerSkewMs;
  const isWithin = (seconds: unknown): boolean =>
    typeof seconds === 'number' && seconds * 1_000 >= from && seconds * 1_000 <= until;
  return isWithin(signedInAt) && isWithin(iat);
}
