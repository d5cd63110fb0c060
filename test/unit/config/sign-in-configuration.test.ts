import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../src/config/read-configuration.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';

const needed = {
  COUNTERSIGN_PUBLIC_URL: 'https://agents.example.test/',
  COUNTERSIGN_OIDC_ISSUER: 'https://id.example.test/realms/staff',
  COUNTERSIGN_OIDC_CLIENT_ID: 'countersign',
};

function refusedNames(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof CountersignError) return error.fields.map(({ path }) => path);
  }
  return [];
}

test('without an identity provider there is none, and people are development identities', () => {
  expect(readConfiguration({}).signIn).toBeUndefined();
});

test('issuer, client and public address are enough', () => {
  expect(readConfiguration(needed).signIn).toMatchObject({
    publicUrl: 'https://agents.example.test',
    issuer: 'https://id.example.test/realms/staff',
    clientId: 'countersign',
    clientSecret: undefined,
    scopes: 'openid profile email',
    claims: { rolesClaim: 'roles', groupsClaim: 'groups', roleMap: undefined, tenant: { fixed: 'default' } },
    maxAgeMs: 86_400_000,
    refreshAfterMs: 600_000,
    bearer: undefined,
  });
});

test('maps are JSON, and lists have spaces between their words', () => {
  const signIn = readConfiguration({
    ...needed,
    COUNTERSIGN_OIDC_ROLE_MAP: '{"cn=ap,dc=example":"approver"}',
    COUNTERSIGN_OIDC_AUDIENCE: 'api://countersign',
    COUNTERSIGN_OIDC_SERVICES: 'billing  orders',
    COUNTERSIGN_OIDC_TENANT_CLAIM: '/org/slug',
  }).signIn;
  expect(signIn?.claims.roleMap).toEqual(new Map([['cn=ap,dc=example', 'approver']]));
  expect(signIn?.bearer).toEqual({ audience: 'api://countersign', services: ['billing', 'orders'], speakers: [] });
  expect(signIn?.claims.tenant).toEqual({ claim: '/org/slug' });
});

describe('what is refused', () => {
  test('a client without its provider', () => {
    expect(refusedNames({ COUNTERSIGN_OIDC_CLIENT_ID: 'countersign' })).toEqual(['COUNTERSIGN_OIDC_ISSUER']);
  });

  test('an issuer without client and public address', () => {
    expect(refusedNames({ COUNTERSIGN_OIDC_ISSUER: needed.COUNTERSIGN_OIDC_ISSUER })).toEqual([
      'COUNTERSIGN_OIDC_CLIENT_ID',
      'COUNTERSIGN_PUBLIC_URL',
    ]);
  });

  test('an audience for which ID tokens would pass', () => {
    expect(refusedNames({ ...needed, COUNTERSIGN_OIDC_AUDIENCE: 'countersign' })).toEqual([
      'COUNTERSIGN_OIDC_AUDIENCE',
    ]);
  });

  test('clients that may call, where no token is taken', () => {
    expect(refusedNames({ ...needed, COUNTERSIGN_OIDC_SPEAKERS: 'cli' })).toEqual(['COUNTERSIGN_OIDC_AUDIENCE']);
  });

  test.each([
    ['COUNTERSIGN_OIDC_ISSUER', 'http://id.example.test'],
    ['COUNTERSIGN_OIDC_ISSUER', 'https://id.example.test?x=1'],
    ['COUNTERSIGN_OIDC_ISSUER', 'https://id.example.test#x'],
    ['COUNTERSIGN_PUBLIC_URL', 'http://agents.example.test'],
    ['COUNTERSIGN_PUBLIC_URL', 'https://agents.example.test/base'],
    ['COUNTERSIGN_OIDC_SCOPES', 'profile email'],
    ['COUNTERSIGN_OIDC_ROLE_MAP', 'a=b'],
    ['COUNTERSIGN_OIDC_ROLE_MAP', '["approver"]'],
    ['COUNTERSIGN_OIDC_ROLE_MAP', '{"a":1}'],
    ['COUNTERSIGN_OIDC_TENANT', 'Not A Tenant'],
    ['COUNTERSIGN_OIDC_MAX_AGE', 'forever'],
    ['COUNTERSIGN_OIDC_CLIENT_SECRET', 'file:/nowhere/at/all'],
  ])('%s=%s', (name, value) => {
    expect(refusedNames({ ...needed, [name]: value })).toEqual([name]);
  });
});

test.each([
  ['none', undefined],
  ['login', {}],
  ['acr:phr', { acr: 'phr' }],
  ['acr:urn:example:gold', { acr: 'urn:example:gold' }],
])('a step-up at the provider is off, a fresh sign-in, or one with an acr: %s', (text, meant) => {
  expect(readConfiguration({ ...needed, COUNTERSIGN_OIDC_STEP_UP: text }).signIn?.stepUp).toEqual(meant);
});

test.each(['yes', 'acr:', 'acr:two words', 'LOGIN', 'login '])('%j is no way of step-up', (text) => {
  expect(refusedNames({ ...needed, COUNTERSIGN_OIDC_STEP_UP: text })).toEqual(['COUNTERSIGN_OIDC_STEP_UP']);
});

test('a step-up at the provider needs a provider', () => {
  expect(readConfiguration(needed).signIn?.stepUp).toBeUndefined();
  expect(refusedNames({ COUNTERSIGN_OIDC_STEP_UP: 'login' })).toEqual(['COUNTERSIGN_OIDC_ISSUER']);
  expect(refusedNames({ COUNTERSIGN_OIDC_STEP_UP: 'none' })).toEqual([]);
});
