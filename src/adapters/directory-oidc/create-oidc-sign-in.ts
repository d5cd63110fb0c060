import { randomNonce, randomPKCECodeVerifier, randomState, refreshTokenGrant } from 'openid-client';
import type { SignInProvider } from '../../ports/sign-in.port.ts';
import { codeFlowAddress, codeFlowAnswer } from './code-flow.ts';
import { describePerson } from './describe-person.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { ProviderConnection } from './provider-connection.ts';
import { providerFailure } from './provider-failure.ts';

/** Sign-in by the authorization code flow. */
export function createOidcSignIn(settings: OidcSettings, connection: ProviderConnection): SignInProvider {
  return {
    name: new URL(settings.issuer).host,

    async begin() {
      const configuration = await connection.configuration();
      const attempt = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
      return { address: await codeFlowAddress(configuration, settings, attempt), attempt };
    },

    async complete(query, attempt) {
      try {
        const configuration = await connection.configuration();
        const answer = await codeFlowAnswer(configuration, settings, query, attempt);
        return await describePerson(configuration, settings.claims, answer, answer.claims());
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
        const described = { iss: issuer, ...claims, sub: claims?.sub ?? sub };
        const person = await describePerson(configuration, settings.claims, answer, described);
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
}
