import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifiedVerdicts } from '../../../activities/verified-verdicts.ts';
import { createDevDirectory } from '../../../src/adapters/directory-dev/dev-directory.ts';
import { createWebauthnVerifier } from '../../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { canonicalJson } from '../../../src/digest/canonical-json.ts';
import type { SignedVerdict, Verdict } from '../../../src/domain/approval.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import { systemClock } from '../../../src/ports/clock.port.ts';
import { noReauthentication } from '../../../src/ports/reauthentication-verifier.port.ts';
import { approvalOf, later, type OpenedStorage, openStorage, verdictOf } from '../storage/storage-fixture.ts';

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
}, 60_000);
afterAll(() => storage.end());

const directory = createDevDirectory('default');
const approval = approvalOf('run-1');

async function signed(verdict: Verdict): Promise<SignedVerdict> {
  return { verdict, ...(await storage.keys.sign('verdict', canonicalJson(verdict as object as JsonObject))) };
}

async function counts(
  answer: SignedVerdict,
  of: ApprovalRow = approval,
  editors: readonly string[] = [],
): Promise<boolean> {
  const held = await verifiedVerdicts(
    {
      ...storage,
      directory,
      clock: systemClock,
      passkeyVerifier: createWebauthnVerifier(),
      reauthentication: noReauthentication,
    },
    { approval: of, answers: [answer], editors },
    of.requirement,
  );
  return held.length === 1;
}

const genuine = () => signed(verdictOf(approval, 'approver', `vrd_${'1'.repeat(32)}`).verdict);

describe('a signed verdict', () => {
  test('counts for the approval that it was given for', async () => {
    expect(await counts(await genuine())).toBe(true);
  });

  test('counts for nothing that its giver wrote himself', async () => {
    expect(await counts(await genuine(), approval, ['approver'])).toBe(false);
    expect(await counts(await genuine(), approval, ['approver2'])).toBe(true);
  });

  test('counts no more when any byte of it is changed after it was signed', async () => {
    const honest = await genuine();
    const texts = Object.entries(honest.verdict).filter(([, value]) => typeof value === 'string') as [string, string][];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.integer({ min: 1, max: 127 }),
        async ([name, text], at, by) => {
          const index = text.length === 0 ? 0 : at % text.length;
          const code = ((text.codePointAt(index) ?? 32) + by) % 128;
          const changed = text.slice(0, index) + String.fromCodePoint(code) + text.slice(index + 1);
          fc.pre(changed !== text);
          expect(await counts({ ...honest, verdict: { ...honest.verdict, [name]: changed } })).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('counts no more when its signature or key id is changed', async () => {
    const honest = await genuine();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: honest.signature.length - 3 }), async (at) => {
        const other = honest.signature[at] === 'A' ? 'B' : 'A';
        const signature = honest.signature.slice(0, at) + other + honest.signature.slice(at + 1);
        expect(await counts({ ...honest, signature })).toBe(false);
      }),
    );
    expect(await counts({ ...honest, keyId: 'verdict-2-00000000' })).toBe(false);
  });

  test.each<[string, Partial<ApprovalRow>]>([
    ['approval', { approvalId: `apr_${'1'.repeat(32)}` }],
    ['tenant', { tenant: 'other' }],
    ['action', { actionDigest: `sha256:${'f'.repeat(64)}` }],
    ['sheet', { renderHash: `sha256:${'f'.repeat(64)}` }],
  ])('counts for no other %s', async (_, other) => {
    expect(await counts(await genuine(), { ...approval, ...other })).toBe(false);
  });

  test('counts for no approval that had ended when it was given', async () => {
    const { verdict } = verdictOf(approval, 'approver', `vrd_${'2'.repeat(32)}`);
    const late = new Date(Date.parse(approval.expiresAt) + 1).toISOString();
    expect(await counts(await signed({ ...verdict, at: late }))).toBe(false);
  });

  test.each<[string, Partial<Verdict>]>([
    ['names the initiator', { approver: 'initiator', roles: ['approver'] }],
    ['claims a role that its giver never had', { approver: 'auditor', roles: ['approver'] }],
    ['names somebody whom nobody knows', { approver: 'nobody', roles: ['approver'] }],
    ['was given in a group that owns the agent', { groups: ['ap-team'] }],
  ])('that %s does not count, even with a genuine signature', async (_, change) => {
    const { verdict } = verdictOf(approval, 'approver', `vrd_${'3'.repeat(32)}`);
    expect(await counts(await signed({ ...verdict, ...change }), { ...approval, initiator: 'initiator' })).toBe(false);
  });

  test('of the next role counts when it was given at its time, and at no other moment when it came before', async () => {
    const requirement = { ...approval.requirement, widen: [{ afterSeconds: 600, roles: ['lead'] }] };
    const asked = { ...approval, requirement };
    const { verdict } = verdictOf(approval, 'lead', `vrd_${'4'.repeat(32)}`);
    const given = (seconds: number) => signed({ ...verdict, roles: ['lead'], at: later(seconds) });
    expect(await counts(await given(599.999), asked)).toBe(false);
    expect(await counts(await given(600), asked)).toBe(true);
    expect(await counts(await given(600), { ...asked, createdAt: later(0.001) })).toBe(false);
    expect(await counts(await given(600), approval)).toBe(false);
  });

  test('is no step-up for what it claims of itself only, as a development login', async () => {
    const asked = { ...approval, requirement: { ...approval.requirement, stepUp: true } };
    expect(await counts(await genuine(), asked)).toBe(false);
  });
});
