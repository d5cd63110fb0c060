import { type Configuration, fetchUserInfo, type TokenEndpointResponse } from 'openid-client';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { DescribedPerson } from '../../ports/sign-in.port.ts';
import { acrOf, type Claims, displayNameOf, personSubject, standingIn } from './claims.ts';
import type { ClaimRules } from './oidc-settings.ts';

/** Who an ID token and UserInfo together say that somebody is. Codes: `sign-in-invalid`, `sign-in-without-role`. */
export async function describePerson(
  configuration: Configuration,
  rules: ClaimRules,
  answer: TokenEndpointResponse,
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
      ...standingIn(claims, rules),
    },
    ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
  };
}
