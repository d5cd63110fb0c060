import { randomPKCECodeVerifier } from 'openid-client';
import { CountersignError } from '../../domain/countersign-error.ts';
import { maxIdTokenLength } from '../../domain/reauthentication.ts';
import type { ReauthenticationProvider } from '../../ports/sign-in.port.ts';
import { codeFlowAddress, codeFlowAnswer } from './code-flow.ts';
import { describePerson } from './describe-person.ts';
import type { OidcSettings, ReauthenticationRule } from './oidc-settings.ts';
import type { ProviderConnection } from './provider-connection.ts';
import { providerFailure } from './provider-failure.ts';

/**
 * A fresh sign-in by the same flow: `prompt=login` and `max_age=0`, so that no session at the provider answers instead
 * of the person, and `max_age` makes it say when he signed in. That it did is checked by the verifier, here as later.
 */
export function createOidcReauthentication(
  settings: OidcSettings,
  rule: ReauthenticationRule,
  connection: ProviderConnection,
): ReauthenticationProvider {
  const fresh = { prompt: 'login', max_age: '0', ...(rule.acr !== undefined && { acr_values: rule.acr }) };
  return {
    name: new URL(settings.issuer).host,

    async begin(asked) {
      const configuration = await connection.configuration();
      const attempt = { ...asked, codeVerifier: randomPKCECodeVerifier() };
      return { address: await codeFlowAddress(configuration, settings, attempt, fresh), attempt };
    },

    async complete(query, attempt) {
      try {
        const configuration = await connection.configuration();
        const answer = await codeFlowAnswer(configuration, settings, query, attempt);
        const { id_token: idToken } = answer;
        if (idToken === undefined || idToken.length > maxIdTokenLength)
          throw new CountersignError('sign-in-invalid', { message: 'The provider gave no ID token that can be kept.' });
        const { identity } = await describePerson(configuration, settings.claims, answer, answer.claims());
        return { identity, idToken };
      } catch (error) {
        throw providerFailure(error);
      }
    },
  };
}
