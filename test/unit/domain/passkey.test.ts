import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayConfirm, mayRevoke, nextPasskeyState, passkeyStates } from '../../../src/domain/passkey.ts';

const roles = fc.subarray(['initiator', 'approver', 'lead', 'auditor', 'admin']);
const subject = fc.constantFrom('anna', 'bert');
const tenant = fc.constantFrom('default', 'other');
const kind = fc.constantFrom('person' as const, 'service' as const);
const somebody = fc.record({ subject, tenant, kind, roles });

describe('a passkey', () => {
  test('that was revoked stays revoked, and nothing waits again', () => {
    for (const state of passkeyStates)
      for (const event of ['confirm', 'revoke'] as const) {
        expect(nextPasskeyState('revoked', event)).toBeUndefined();
        expect(nextPasskeyState(state, event)).not.toBe('waiting');
      }
  });

  test('is confirmed from waiting only', () => {
    const before = passkeyStates.filter((state) => nextPasskeyState(state, 'confirm') === 'confirmed');
    expect(before).toEqual(['waiting']);
  });

  test('is never confirmed by its owner, a service, another tenant, or without the role', () => {
    fc.assert(
      fc.property(somebody, fc.record({ subject, tenant }), (person, passkey) => {
        const isSecond = person.subject !== passkey.subject && person.tenant === passkey.tenant;
        const holdsRole = person.roles.includes('admin') || person.roles.includes('lead');
        expect(mayConfirm(person, passkey)).toBe(isSecond && holdsRole && person.kind === 'person');
      }),
    );
  });

  test('is revoked by its owner or an administrator of the tenant, and nobody else', () => {
    fc.assert(
      fc.property(somebody, fc.record({ subject, tenant }), (person, passkey) => {
        const isTheirs = person.subject === passkey.subject || person.roles.includes('admin');
        expect(mayRevoke(person, passkey)).toBe(
          isTheirs && person.tenant === passkey.tenant && person.kind === 'person',
        );
      }),
    );
  });
});
