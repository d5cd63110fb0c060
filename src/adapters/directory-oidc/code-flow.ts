import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client';
import type { SignInAttempt } from '../../ports/sign-in.port.ts';
import type { OidcSettings } from './oidc-settings.ts';

type FlowSettings = Pick<OidcSettings, 'redirectUri' | 'scopes'>;

/** Where to send the browser: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 9700). */
export async function codeFlowAddress(
  configuration: Configuration,
  { redirectUri, scopes }: FlowSettings,
  { state, nonce, codeVerifier }: SignInAttempt,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { href } = buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: scopes,
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return href;
}

/** What the provider gives for the code in this callback, where it is the answer to this attempt. */
export function codeFlowAnswer(
  configuration: Configuration,
  { redirectUri }: FlowSettings,
  query: URLSearchParams,
  { state, nonce, codeVerifier }: SignInAttempt,
): Promise<TokenEndpointResponse & TokenEndpointResponseHelpers> {
  const callback = new URL(redirectUri);
  callback.search = query.toString();
  return authorizationCodeGrant(configuration, callback, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
  });
}
