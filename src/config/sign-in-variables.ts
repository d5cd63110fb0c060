import { durationSchema, tenantSchema } from '../contracts/scalars.schema.ts';
import { durationMs } from '../domain/duration.ts';
import { optional, required } from './variable-notes.ts';
import { claimPath, issuerAddress, plainText, stepUpSignIn, valueMap, words } from './variable-schemas.ts';

const duration = durationSchema.transform(durationMs);
const wordList = words.transform((text) => text.split(/ +/));

/** Sign-in through an identity provider; docs/guides/sign-in-with-oidc.md goes through them. */
export const signInVariables = {
  COUNTERSIGN_OIDC_ISSUER: optional(issuerAddress, {
    form: 'an https address (http on this machine), without query and fragment',
    meaning: 'The identity provider, as it names itself. With it, development identities are off.',
  }),
  COUNTERSIGN_OIDC_CLIENT_ID: optional(plainText, {
    form: 'the id of a client',
    meaning: 'This server, as the identity provider knows it.',
  }),
  COUNTERSIGN_OIDC_CLIENT_SECRET: optional(plainText, {
    form: 'a secret, or file:PATH',
    secret: true,
    meaning: 'The client’s secret; without it, the client is a public one.',
  }),
  COUNTERSIGN_OIDC_SCOPES: required(
    words.refine((text) => text.split(/ +/).includes('openid')),
    {
      form: 'scopes with spaces between them, `openid` among them',
      fallback: 'openid profile email',
      meaning: 'What is asked of the provider; some give a refresh token for `offline_access` only.',
    },
  ),
  COUNTERSIGN_OIDC_ROLES_CLAIM: required(claimPath, {
    form: 'the name of a claim, or a JSON pointer such as /realm_access/roles',
    fallback: 'roles',
    meaning: 'Claim that holds roles. Who has none is not let in.',
  }),
  COUNTERSIGN_OIDC_ROLE_MAP: optional(valueMap, {
    form: 'a JSON object such as {"ap-approvers":"approver"}',
    meaning: 'The provider’s value → our role; values that are not in it count for nothing. Without it, as they are.',
  }),
  COUNTERSIGN_OIDC_GROUPS_CLAIM: required(claimPath, {
    form: 'the name of a claim, or a JSON pointer',
    fallback: 'groups',
    meaning: 'Claim that holds groups; an agent’s `owner` is one.',
  }),
  COUNTERSIGN_OIDC_GROUP_MAP: optional(valueMap, {
    form: 'a JSON object such as {"4f0c…":"ap-team"}',
    meaning: 'The provider’s value → our group, in the same way.',
  }),
  COUNTERSIGN_OIDC_TENANT: required(tenantSchema, {
    form: 'the name of a tenant',
    fallback: 'default',
    meaning: 'Tenant of everybody whom the provider knows.',
  }),
  COUNTERSIGN_OIDC_TENANT_CLAIM: optional(claimPath, {
    form: 'the name of a claim, or a JSON pointer',
    meaning: 'Claim that names the tenant instead; who has none is not let in.',
  }),
  COUNTERSIGN_OIDC_MAX_AGE: required(duration, {
    form: 'a duration such as 24h',
    fallback: '24h',
    meaning:
      'After so long without a sign-in or refresh a person is not known any more, and their verdicts do not count.',
  }),
  COUNTERSIGN_OIDC_REFRESH_AFTER: required(duration, {
    form: 'a duration such as 10m',
    fallback: '10m',
    meaning: 'The provider is asked again about a person who is here, where it gave a refresh token.',
  }),
  COUNTERSIGN_OIDC_STEP_UP: required(stepUpSignIn, {
    form: '`none`, `login`, or `acr:` and a value such as acr:phr',
    fallback: 'none',
    meaning:
      'Whether a fresh sign-in at the provider is a step-up beside a passkey, and what its `acr` has to be then.',
  }),
  COUNTERSIGN_OIDC_AUDIENCE: optional(plainText, {
    form: 'the name of this API at the provider',
    meaning: 'Bearer tokens of the issuer are taken that name this audience; without it, none are.',
  }),
  COUNTERSIGN_OIDC_SERVICES: optional(wordList, {
    form: 'client ids with spaces between them',
    meaning: 'Clients whose tokens are their own although `sub` is not the client id, as with Keycloak and Entra.',
  }),
  COUNTERSIGN_OIDC_SPEAKERS: optional(wordList, {
    form: 'client ids with spaces between them',
    meaning: 'Clients that may send a person’s token, and whose own tasks are their principal’s words.',
  }),
} as const;
