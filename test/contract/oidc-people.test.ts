import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { verifiedVerdicts } from '../../activities/verified-verdicts.ts';
import { createWebauthnVerifier } from '../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { SignedVerdict } from '../../src/domain/approval.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { noReauthentication } from '../../src/ports/reauthentication-verifier.port.ts';
import { approvalOf, verdictOf } from '../unit/storage/storage-fixture.ts';
import { type OidcSite, startOidcSite } from './oidc-site.ts';
import { OidcVisitor } from './oidc-visitor.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let site: OidcSite;
beforeAll(async () => {
  site = await startOidcSite();
});
afterAll(() => site?.stop());

beforeEach(() => {
  site.provider.accounts.clear();
  site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: ['finance'] });
});

const rolesOf = async (account: string) => (await site.directory.find(site.subject(account)))?.roles;
const soon = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 10_000, interval: 50 });
const timesAsked = () => site.provider.hits.get('/token') ?? 0;

async function giveRoles(account: string, roles: readonly string[]): Promise<void> {
  const { name, groups } = site.provider.accounts.get(account) ?? { name: account, groups: [] };
  site.provider.accounts.set(account, { name, roles, groups });
}

/** A verdict as the API would sign it for who the person is now. */
async function signedBy(account: string, approval: ApprovalRow): Promise<SignedVerdict> {
  const identity = await site.directory.find(site.subject(account));
  const { roles = [], groups = [], acr = '' } = identity ?? {};
  const { verdict } = verdictOf(approval, site.subject(account), `vrd_${'a'.repeat(32)}`);
  const given = { ...verdict, roles, groups, acr };
  return { verdict: given, ...(await site.records.keys.sign('verdict', canonicalJson(given as object as JsonObject))) };
}

describe('what is known of a person', () => {
  test('follows the provider while the session is in use, without a new sign-in', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    await giveRoles('ada', ['approver', 'lead']);
    expect(await visitor.isSignedIn()).toBe(true);
    expect(await rolesOf('ada')).toEqual(['approver']);
    site.clock.advance(11 * minuteMs);
    expect(await visitor.isSignedIn()).toBe(true);
    await soon(async () => expect(await rolesOf('ada')).toEqual(['approver', 'lead']));
  });

  test('is asked for once, however many requests come at the same time', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    site.clock.advance(11 * minuteMs);
    const before = timesAsked();
    await Promise.all(Array.from({ length: 12 }, () => visitor.isSignedIn()));
    await soon(async () => expect(timesAsked()).toBe(before + 1));
    for (let again = 0; again < 5; again += 1) await visitor.isSignedIn();
    expect(timesAsked()).toBe(before + 1);
  });

  test('goes on over many refreshes, though the provider gives a new refresh token each time', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    for (const role of ['one', 'two', 'three']) {
      await giveRoles('ada', [role]);
      site.clock.advance(11 * minuteMs);
      expect(await visitor.isSignedIn()).toBe(true);
      await soon(async () => expect(await rolesOf('ada')).toEqual([role]));
    }
  });

  test('is good for its age and no longer, whatever the provider’s silence means', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    site.clock.advance(24 * hourMs - 1);
    expect(await rolesOf('ada')).toEqual(['approver']);
    site.clock.advance(1);
    expect(await rolesOf('ada')).toBeUndefined();
    expect(await visitor.isSignedIn()).toBe(false);
  });

  test('stays as it is while the provider does not answer', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    site.clock.advance(11 * minuteMs);
    site.provider.answers = false;
    const before = timesAsked();
    expect(await visitor.isSignedIn()).toBe(true);
    await soon(async () => expect(timesAsked()).toBe(before + 1));
    site.provider.answers = true;
    expect(await visitor.isSignedIn()).toBe(true);
    expect(await rolesOf('ada')).toEqual(['approver']);
  });

  test('is gone when the provider says no, and every session of the person with it', async () => {
    const [desk, phone] = [new OidcVisitor(site), new OidcVisitor(site)];
    await desk.signIn('ada');
    await phone.signIn('ada');
    site.provider.accounts.delete('ada');
    site.clock.advance(11 * minuteMs);
    await desk.isSignedIn();
    await soon(async () => expect(await rolesOf('ada')).toBeUndefined());
    expect([await desk.isSignedIn(), await phone.isSignedIn()]).toEqual([false, false]);
    const records = await site.records.storage.outbox.ofRun('default', '', 0, 200);
    expect(records.at(-1)).toMatchObject({
      kind: 'sessions-ended',
      body: { subject: site.subject('ada'), by: '', reason: 'refused-by-provider' },
    });
  });

  test('is gone when the last role is', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    await giveRoles('ada', []);
    site.clock.advance(11 * minuteMs);
    await visitor.isSignedIn();
    await soon(async () => expect(await visitor.isSignedIn()).toBe(false));
  });
});

describe('a verdict', () => {
  test('does not count any more when its person has lost the role before the effect', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    const approval = approvalOf('run');
    const answered = { approval, answers: [await signedBy('ada', approval)], editors: [] };
    const parts = {
      keys: site.records.keys,
      directory: site.directory,
      clock: site.clock,
      delegations: site.records.storage.delegations,
      passkeys: site.records.storage.passkeys,
      passkeyVerifier: createWebauthnVerifier(),
      reauthentication: noReauthentication,
    };
    expect(await verifiedVerdicts(parts, answered, approval.requirement)).toHaveLength(1);
    await giveRoles('ada', ['initiator']);
    site.clock.advance(11 * minuteMs);
    await visitor.isSignedIn();
    await soon(async () => expect(await rolesOf('ada')).toEqual(['initiator']));
    expect(await verifiedVerdicts(parts, answered, approval.requirement)).toEqual([]);
  });

  test('does not count when its person came to own the agent, or is not known any more', async () => {
    const visitor = new OidcVisitor(site);
    await visitor.signIn('ada');
    const approval = approvalOf('run');
    const answered = { approval, answers: [await signedBy('ada', approval)], editors: [] };
    const parts = {
      keys: site.records.keys,
      directory: site.directory,
      clock: site.clock,
      delegations: site.records.storage.delegations,
      passkeys: site.records.storage.passkeys,
      passkeyVerifier: createWebauthnVerifier(),
      reauthentication: noReauthentication,
    };
    site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: ['ap-team'] });
    await new OidcVisitor(site).signIn('ada');
    expect(await verifiedVerdicts(parts, answered, approval.requirement)).toEqual([]);
    site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: [] });
    await new OidcVisitor(site).signIn('ada');
    expect(await verifiedVerdicts(parts, answered, approval.requirement)).toHaveLength(1);
    site.clock.advance(25 * hourMs);
    expect(await verifiedVerdicts(parts, answered, approval.requirement)).toEqual([]);
  });
});
