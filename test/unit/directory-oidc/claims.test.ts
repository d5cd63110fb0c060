import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acrOf,
  type Claims,
  displayNameOf,
  personSubject,
  serviceSubject,
  standingIn,
} from '../../../src/adapters/directory-oidc/claims.ts';
import type { ClaimRules } from '../../../src/adapters/directory-oidc/oidc-settings.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import { passkeyAcr } from '../../../src/domain/passkey.ts';

const plain: ClaimRules = {
  rolesClaim: 'roles',
  groupsClaim: 'groups',
  roleMap: undefined,
  groupMap: undefined,
  tenant: { fixed: 'default' },
};
const one = { roles: ['approver'] };

function codeOf(claims: Claims, rules: ClaimRules = plain): string | undefined {
  try {
    standingIn(claims, rules);
    return undefined;
  } catch (error) {
    return error instanceof CountersignError ? error.code : 'not ours';
  }
}

describe('roles and groups', () => {
  test('are read from a claim by name, or by JSON pointer', () => {
    const claims = {
      'realm_access': { roles: ['lead'] },
      'https://example.test/roles': ['approver'],
      'a/b': { '~': 'auditor' },
    };
    const roles = (rolesClaim: string) => standingIn(claims, { ...plain, rolesClaim }).roles;
    expect(roles('/realm_access/roles')).toEqual(['lead']);
    expect(roles('https://example.test/roles')).toEqual(['approver']);
    expect(roles('/a~1b/~0')).toEqual(['auditor']);
  });

  test('count only as far as a map names them', () => {
    const roleMap = new Map([['ap', 'approver']]);
    expect(standingIn({ roles: ['ap', 'admin', 'approver'] }, { ...plain, roleMap }).roles).toEqual(['approver']);
    expect(codeOf({ roles: ['admin'] }, { ...plain, roleMap })).toBe('sign-in-without-role');
  });

  test('never hold what is the operator’s to give', () => {
    expect(codeOf({ roles: ['speaks-for-principal'] })).toBe('sign-in-without-role');
    const roleMap = new Map([['x', 'speaks-for-principal']]);
    expect(codeOf({ roles: ['x'] }, { ...plain, roleMap })).toBe('sign-in-without-role');
  });

  test.each(['constructor', '__proto__', '/__proto__/x', 'toString', '/roles/length'])(
    'are nothing that the claims did not say: %s',
    (rolesClaim) => {
      expect(codeOf(one, { ...plain, rolesClaim })).not.toBeUndefined();
    },
  );

  test.each<[string, Claims]>([
    ['a number', { roles: [1] }],
    ['an object', { roles: { admin: true } }],
    ['a text that is too long', { roles: ['x'.repeat(257)] }],
    ['a line break', { roles: ['ap\nprover'] }],
    ['too many groups to be sure', { ...one, groups: Array.from({ length: 1_001 }, (_, at) => `g${at}`) }],
    ['a reference to where the groups are', { ...one, _claim_names: { groups: 'src1' } }],
  ])('are refused as a whole for %s', (_what, claims) => {
    expect(codeOf(claims)).toBe('sign-in-invalid');
  });
});

describe('the tenant', () => {
  const rules = { ...plain, tenant: { claim: '/org/slug' } };

  test('is what the claim names', () => {
    expect(standingIn({ ...one, org: { slug: 'north' } }, rules).tenant).toBe('north');
  });

  test.each([undefined, '', 'North', 'a/b', '../x', 7, ['north']])('is refused where the claim is %j', (slug) => {
    expect(codeOf({ ...one, org: { slug } }, rules)).toBe('sign-in-invalid');
  });
});

test('a person is never another one, nor a service, whatever the provider puts into `sub`', () => {
  const issuer = fc.webUrl({ withFragments: false, withQueryParameters: false });
  const sub = fc.string({ minLength: 1, unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(issuer, sub, issuer, sub, (issuerA, subA, issuerB, subB) => {
      const isSame = issuerA === issuerB && subA === subB;
      expect(personSubject(issuerA, subA) === personSubject(issuerB, subB)).toBe(isSame);
      expect(personSubject(issuerA, subA)).not.toBe(serviceSubject(issuerB, subB));
    }),
  );
});

test('whatever the provider calls the way of signing in, it is no passkey of ours and no development identity', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('passkey', 'dev', ''), fc.anything()), (acr) => {
      expect(acrOf({ acr })).not.toBe(passkeyAcr);
      expect(acrOf({ acr })).toMatch(/^oidc(:|$)/);
    }),
  );
});

test('the name is the first that is one', () => {
  expect(displayNameOf({ name: 'Ada', email: 'a@x' }, 's')).toBe('Ada');
  expect(displayNameOf({ name: 7, preferred_username: 'a\nb', email: 'a@x' }, 's')).toBe('a@x');
  expect(displayNameOf({}, 's')).toBe('s');
});
