import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/domain/approval.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { payment, seedApproval, seedRun } from '../e2e/pages-seed.ts';
import { addressIn, pageOf, press } from './oidc-answer.ts';
import { type OidcSite, startOidcSite } from './oidc-site.ts';
import { OidcVisitor } from './oidc-visitor.ts';

let site: OidcSite;
const runId = `step-up-${randomUUID()}`;
beforeAll(async () => {
  site = await startOidcSite({ COUNTERSIGN_OIDC_STEP_UP: 'login' });
  await seedRun(site, runId);
});
afterAll(() => site?.stop());

beforeEach(() => {
  const { accounts } = site.provider;
  accounts.clear();
  accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: ['finance'] });
  accounts.set('bea', { name: 'Bea Approver', roles: ['approver'], groups: ['finance'] });
});

let asked = 0;
const question = (): Promise<ApprovalRow> =>
  seedApproval(site, { runId, index: (asked += 1), requirement: { stepUp: true } });
const verdictsOf = async ({ approvalId }: ApprovalRow): Promise<readonly Verdict[]> =>
  (await site.records.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed.verdict);
const hitsOf = (start: string): number =>
  [...site.provider.hits].filter(([path]) => path.startsWith(start)).reduce((sum, [, hits]) => sum + hits, 0);

async function signedIn(account = 'ada'): Promise<OidcVisitor> {
  const visitor = new OidcVisitor(site);
  expect((await visitor.signIn(account)).status).toBe(200);
  return visitor;
}

async function comeBack(visitor: OidcVisitor, row: ApprovalRow, account = 'ada', fields = {}): Promise<URL> {
  const address = await addressIn(await press(visitor, row, { verdict: 'approve', reason: 'As ordered.', ...fields }));
  if (account !== 'ada') visitor.leaveProvider();
  return visitor.throughProvider(address, account);
}

const cookiesOf = ({ cookies }: OidcVisitor): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** What the page says, and what was stored all the same. */
const told = async (answer: Response, row: ApprovalRow) => ({
  status: answer.status,
  page: await answer.text(),
  stored: await verdictsOf(row),
});

const refused = (status: number, words: string) => ({
  status,
  page: expect.stringMatching(new RegExp(`Your answer was not taken[^]*${words}`)),
  stored: [],
});

describe('an answer where policy asks for a step-up', () => {
  test('is given by signing in again, although the provider still has a session, and opens none here', async () => {
    const visitor = await signedIn();
    const row = await question();
    const page = await pageOf(visitor, `/approvals/${row.approvalId}`);
    expect(page).toContain('Sign in again to approve');
    expect(page).not.toContain('data-passkey');
    const [session, interactions] = [visitor.session, hitsOf('/interaction/')];
    const callback = await comeBack(visitor, row);
    expect(hitsOf('/interaction/')).toBeGreaterThan(interactions);
    const answer = await visitor.send(callback.href);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`content="0;url=/approvals/${row.approvalId}"`);
    expect(visitor.session).toBe(session);
    expect([...visitor.cookies.keys()]).not.toContain('countersign-step-up');
    const [verdict] = await verdictsOf(row);
    expect(verdict).toMatchObject({
      verdict: 'approve',
      approver: site.subject('ada'),
      acr: 'provider',
      reason: 'As ordered.',
      reauthentication: { idToken: expect.stringMatching(/^ey/) },
    });
    const token = verdict?.reauthentication?.idToken ?? '';
    const listed = await (await visitor.send('/v1/approvals')).text();
    const one = await (await visitor.send(`/v1/approvals/${row.approvalId}`)).text();
    const shown = await pageOf(visitor, `/approvals/${row.approvalId}`);
    for (const text of [listed, one, shown, ...site.logged]) expect(text).not.toContain(token.split('.')[2]);
  });

  test('asks for a fresh sign-in whose nonce is the challenge, each time another one', async () => {
    const visitor = await signedIn();
    const row = await question();
    const ask = async () => new URL(await addressIn(await press(visitor, row, { verdict: 'approve' }))).searchParams;
    const [one, two] = [await ask(), await ask()];
    expect([one.get('prompt'), one.get('max_age'), one.get('acr_values')]).toEqual(['login', '0', null]);
    expect(one.get('code_challenge_method')).toBe('S256');
    expect(one.get('state')).toMatch(/^step-up\.[A-Za-z0-9_-]{43}$/);
    expect(one.get('nonce')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one.get(name)).not.toBe(two.get(name));
  });

  test('may change the arguments, and what is wrong with them is said before anybody is sent away', async () => {
    const visitor = await signedIn();
    const row = await question();
    expect(await pageOf(visitor, `/approvals/${row.approvalId}/edit`)).toContain('Sign in again to change');
    const bad = await press(visitor, row, { verdict: 'edit', args: '{"amount":"1.00"}' });
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain('Your change was not taken');
    const args = JSON.stringify({ ...payment, amount: 1240 });
    const callback = await comeBack(visitor, row, 'ada', { verdict: 'edit', args });
    expect((await visitor.send(callback.href)).status).toBe(200);
    expect(await verdictsOf(row)).toMatchObject([
      { verdict: 'edit', acr: 'provider', edit: { callId: row.callId, requirement: { stepUp: true } } },
    ]);
  });

  test('is refused to whoever signs in as another person, and the attempt is recorded', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row, 'bea');
    expect(await told(await visitor.send(callback.href), row)).toEqual(refused(403, 'as the person that you are here'));
    const records = await site.records.storage.outbox.ofRun('default', runId, 0, 1_000);
    expect(records.filter(({ kind }) => kind === 'verdict-refused').map(({ body }) => body)).toContainEqual({
      approvalId: row.approvalId,
      by: site.subject('ada'),
      code: 'step-up-required',
    });
    expect(await visitor.isSignedIn()).toBe(true);
  });

  test('is refused when the person broke off, and says what to do', async () => {
    const visitor = await signedIn();
    const row = await question();
    const address = await addressIn(await press(visitor, row, { verdict: 'approve' }));
    const state = new URL(address).searchParams.get('state') ?? '';
    const iss = encodeURIComponent(site.provider.issuer);
    const answer = await visitor.send(`/login/callback?error=access_denied&state=${state}&iss=${iss}`);
    expect(await told(answer, row)).toEqual(refused(403, `href="/approvals/${row.approvalId}"`));
  });

  test('counts once: the same callback again is stale', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row);
    const cookie = cookiesOf(visitor);
    expect((await visitor.send(callback.href)).status).toBe(200);
    const again = await new OidcVisitor(site).send(callback.href, { headers: { cookie } });
    expect([again.status, again.headers.getSetCookie()]).toEqual([400, []]);
    expect(await verdictsOf(row)).toHaveLength(1);
  });

  test('is refused without its session, and in another one of the same person', async () => {
    const row = await question();
    const signedOut = await signedIn();
    const callback = await comeBack(signedOut, row);
    signedOut.cookies.delete('countersign');
    expect(await told(await signedOut.send(callback.href), row)).toEqual(refused(400, 'another browser or session'));
    const another = await signedIn();
    const late = await comeBack(another, row);
    await another.signIn('ada');
    expect(await told(await another.send(late.href), row)).toEqual(refused(400, 'another browser or session'));
  });

  test('is asked for once more by our own page where the session’s cookie stayed behind', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row);
    const { session = '' } = visitor;
    visitor.cookies.delete('countersign');
    const first = await visitor.send(callback.href, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(await addressIn(first)).toBe(`${callback.pathname}${callback.search}`);
    visitor.cookies.set('countersign', session);
    expect((await visitor.send(callback.href)).status).toBe(200);
    expect(await verdictsOf(row)).toHaveLength(1);
  });

  test('is refused where the approval was closed meanwhile, and where the person’s roles have changed', async () => {
    const visitor = await signedIn();
    const [closed, changed] = [await question(), await question()];
    const tooLate = await comeBack(visitor, closed);
    await site.records.storage.approvals.close('default', closed.approvalId, 'withdrawn', closed.createdAt, []);
    expect(await told(await visitor.send(tooLate.href), closed)).toEqual(refused(410, 'Back to the request'));
    const callback = await comeBack(visitor, changed);
    site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver', 'lead'], groups: ['finance'] });
    expect(await told(await visitor.send(callback.href), changed)).toEqual(refused(403, 'sign out and in first'));
  });

  test('is refused with the provider’s answer to another question', async () => {
    const visitor = await signedIn();
    const [row, other] = [await question(), await question()];
    const address = new URL(await addressIn(await press(visitor, row, { verdict: 'approve' })));
    const others = new URL(await addressIn(await press(visitor, other, { verdict: 'reject' })));
    // the second attempt is the one of the cookie: its state and verifier, with the nonce of the first
    others.searchParams.set('nonce', address.searchParams.get('nonce') ?? '');
    const callback = await visitor.throughProvider(others.href, 'ada');
    expect(await told(await visitor.send(callback.href), other)).toEqual(refused(403, 'Answer again'));
    expect(await verdictsOf(row)).toEqual([]);
  });

  test('is never given by a sign-in, and no sign-in comes of it', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row);
    const id = visitor.cookies.get('countersign-step-up') ?? '';
    const planted = new OidcVisitor(site);
    planted.cookies.set('countersign-sign-in', id);
    expect((await planted.send(callback.href)).status).toBe(400);
    const unmarked = new URL(callback);
    unmarked.searchParams.set('state', (callback.searchParams.get('state') ?? '').replace('step-up.', ''));
    expect((await planted.send(unmarked.href)).status).toBe(400);
    expect(planted.session).toBeUndefined();
    const signIn = await visitor.comeBackAs('ada');
    visitor.cookies.set('countersign-step-up', visitor.cookies.get('countersign-sign-in') ?? '');
    signIn.searchParams.set('state', `step-up.${signIn.searchParams.get('state')}`);
    expect(await told(await visitor.send(signIn.href), row)).toEqual(refused(400, 'another browser or session'));
  });

  test('is not begun from another site, nor with a token, nor by whoever may not answer', async () => {
    const visitor = await signedIn();
    const row = await question();
    const path = `/approvals/${row.approvalId}/reauthentications`;
    const body = new URLSearchParams({ csrf: 'x', actionDigest: row.actionDigest, verdict: 'approve' });
    const headers = { 'sec-fetch-site': 'same-origin' };
    expect((await visitor.send(path, { method: 'POST', body, headers })).status).toBe(403);
    site.provider.accounts.set('eve', { name: 'Eve', roles: ['initiator'], groups: [] });
    const eve = await signedIn('eve');
    expect((await press(eve, row, { verdict: 'approve' })).status).toBe(403);
    const nobody = await new OidcVisitor(site).send(path, { method: 'POST', body, headers });
    expect(nobody.headers.get('location')).toContain('/login');
    expect(await verdictsOf(row)).toEqual([]);
  });

  test('says so where the provider does not answer, before and after', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row);
    site.provider.answers = false;
    const answer = await visitor.send(callback.href);
    site.provider.answers = true;
    expect(await told(answer, row)).toEqual(refused(503, 'does not answer'));
  });

  test('that takes longer than ten minutes is stale', async () => {
    const visitor = await signedIn();
    const row = await question();
    const callback = await comeBack(visitor, row);
    site.clock.advance(10 * 60_000);
    expect(await told(await visitor.send(callback.href), row)).toEqual(refused(400, 'longer than ten minutes'));
    site.clock.advance(-10 * 60_000);
  });
});

test('without the configuration nobody is offered to sign in again', async () => {
  const other = await startOidcSite();
  try {
    other.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: [] });
    const run = `none-${randomUUID()}`;
    await seedRun(other, run);
    const row = await seedApproval(other, { runId: run, requirement: { stepUp: true } });
    const visitor = new OidcVisitor(other);
    await visitor.signIn('ada');
    expect(await pageOf(visitor, `/approvals/${row.approvalId}`)).not.toContain('Sign in again');
    const path = `/approvals/${row.approvalId}/reauthentications`;
    expect((await visitor.send(path, { method: 'POST', body: new URLSearchParams() })).status).toBe(404);
  } finally {
    await other.stop();
  }
});
