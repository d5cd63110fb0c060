import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { DescribedPerson, SignInProvider } from '../../ports/sign-in.port.ts';
import { acrOf, type Claims, displayNameOf, personSubject, standingIn } from './claims.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { ProviderConnection } from './provider-connection.ts';
import { providerFailure } from './provider-failure.ts';

type Answer = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** Sign-in by the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 9700). */
export function createOidcSignIn(settings: OidcSettings, connection: ProviderConnection): SignInProvider {
  return {
    name: new URL(settings.issuer).host,

    async begin() {
      const configuration = await connection.configuration();
      const attempt = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
      const address = buildAuthorizationUrl(configuration, {
        redirect_uri: settings.redirectUri,
        scope: settings.scopes,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await calculatePKCECodeChallenge(attempt.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, attempt };
    },

    async complete(query, { state, nonce, codeVerifier }) {
      const callback = new URL(settings.redirectUri);
      callback.search = query.toString();
      try {
        const configuration = await connection.configuration();
        const answer = await authorizationCodeGrant(configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
        });
        return await describe(configuration, answer, answer.claims());
      } catch (error) {
        throw providerFailure(error);
      }
    },

    async refresh(subject, refreshToken) {
      try {
        const configuration = await connection.configuration();
        const answer = await refreshTokenGrant(configuration, refreshToken);
        const sub = subject.slice(subject.indexOf('#') + 1);
        const claims = answer.claims();
        const { userinfo_endpoint: userInfo, issuer } = configuration.serverMetadata();
        const next = answer.refresh_token ?? refreshToken;
        if (claims === undefined && userInfo === undefined) return { kind: 'no-news', refreshToken: next };
        const person = await describe(configuration, answer, { iss: issuer, ...claims, sub: claims?.sub ?? sub });
        if (person.identity.subject !== subject) return { kind: 'refused' };
        return { kind: 'described', person: { ...person, refreshToken: next } };
      } catch (error) {
        const { code } = providerFailure(error);
        return code === 'sign-in-refused' || code === 'sign-in-without-role'
          ? { kind: 'refused' }
          : { kind: 'no-news', refreshToken };
      }
    },
  };

  async function describe(
    configuration: Configuration,
    answer: Answer,
    idToken: Claims | undefined,
  ): Promise<DescribedPerson> {
    const { issuer, userinfo_endpoint: userInfo } = configuration.serverMetadata();
    const sub = idToken?.['sub'];
    if (idToken?.['iss'] !== issuer || typeof sub !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(sub))
      throw new CountersignError('sign-in-invalid', { message: 'The ID token names no issuer and subject of ours.' });
    const more = userInfo === undefined ? {} : await fetchUserInfo(configuration, answer.access_token, sub);
    const claims: Claims = { ...more, ...idToken };
    return {
      identity: {
        subject: personSubject(issuer, sub),
        displayName: displayNameOf(claims, sub),
        kind: 'person',
        acr: acrOf(idToken),
        ...standingIn(claims, settings.claims),
      },
      ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
    };
  }
}
