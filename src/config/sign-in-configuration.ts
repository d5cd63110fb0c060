import type { FieldError } from '../domain/countersign-error.ts';
import type { SignInConfiguration } from './configuration.ts';
import type { Environment } from './environment-schema.ts';
import type { Secret } from './secret.ts';
import { isSafeOrigin } from './variable-schemas.ts';

const needsIssuer = [
  'COUNTERSIGN_OIDC_CLIENT_ID',
  'COUNTERSIGN_OIDC_CLIENT_SECRET',
  'COUNTERSIGN_OIDC_ROLE_MAP',
  'COUNTERSIGN_OIDC_GROUP_MAP',
  'COUNTERSIGN_OIDC_TENANT_CLAIM',
  'COUNTERSIGN_OIDC_STEP_UP',
  'COUNTERSIGN_OIDC_AUDIENCE',
];

/** Undefined where no identity provider is named. */
export function signInOf(values: Environment, clientSecret: Secret | undefined): SignInConfiguration | undefined {
  const {
    COUNTERSIGN_OIDC_ISSUER: issuer,
    COUNTERSIGN_OIDC_CLIENT_ID: clientId,
    COUNTERSIGN_PUBLIC_URL: publicUrl,
  } = values;
  if (issuer === undefined || clientId === undefined || publicUrl === undefined) return undefined;
  const claim = values.COUNTERSIGN_OIDC_TENANT_CLAIM;
  return {
    publicUrl: new URL(publicUrl).origin,
    issuer,
    clientId,
    clientSecret,
    scopes: values.COUNTERSIGN_OIDC_SCOPES,
    claims: {
      rolesClaim: values.COUNTERSIGN_OIDC_ROLES_CLAIM,
      groupsClaim: values.COUNTERSIGN_OIDC_GROUPS_CLAIM,
      roleMap: values.COUNTERSIGN_OIDC_ROLE_MAP,
      groupMap: values.COUNTERSIGN_OIDC_GROUP_MAP,
      tenant: claim === undefined ? { fixed: values.COUNTERSIGN_OIDC_TENANT } : { claim },
    },
    maxAgeMs: values.COUNTERSIGN_OIDC_MAX_AGE,
    refreshAfterMs: values.COUNTERSIGN_OIDC_REFRESH_AFTER,
    stepUp: values.COUNTERSIGN_OIDC_STEP_UP,
    bearer: bearerOf(values),
  };
}

function bearerOf(values: Environment): SignInConfiguration['bearer'] {
  const audience = values.COUNTERSIGN_OIDC_AUDIENCE;
  if (audience === undefined) return undefined;
  return {
    audience,
    services: values.COUNTERSIGN_OIDC_SERVICES ?? [],
    speakers: values.COUNTERSIGN_OIDC_SPEAKERS ?? [],
  };
}

/** Variables that only make sense together, or not together. */
export function signInProblems(given: Readonly<Record<string, string>>): readonly FieldError[] {
  const issuer = 'COUNTERSIGN_OIDC_ISSUER';
  const audience = 'COUNTERSIGN_OIDC_AUDIENCE';
  const missing = (path: string, beside: string) => ({ path, rule: `must be set where ${beside} is` });
  if (given[issuer] === undefined) {
    // `none` is what goes without saying
    const stray = needsIssuer.find((name) => given[name] !== undefined && given[name] !== 'none');
    return stray === undefined ? [] : [missing(issuer, stray)];
  }
  const problems: FieldError[] = ['COUNTERSIGN_OIDC_CLIENT_ID', 'COUNTERSIGN_PUBLIC_URL']
    .filter((name) => given[name] === undefined)
    .map((name) => missing(name, issuer));
  const publicUrl = given['COUNTERSIGN_PUBLIC_URL'];
  if (publicUrl !== undefined && !isSafeOrigin(publicUrl))
    problems.push({
      path: 'COUNTERSIGN_PUBLIC_URL',
      rule: `must be an https address without a path (http on this machine) where ${issuer} is`,
    });
  const callers = ['COUNTERSIGN_OIDC_SERVICES', 'COUNTERSIGN_OIDC_SPEAKERS'].find((name) => given[name] !== undefined);
  if (callers !== undefined && given[audience] === undefined) problems.push(missing(audience, callers));
  if (given[audience] !== undefined && given[audience] === given['COUNTERSIGN_OIDC_CLIENT_ID'])
    problems.push({ path: audience, rule: 'must not be the client id: ID tokens would pass for access tokens' });
  return problems;
}
