import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { type Visitor, visitor } from './pages-visitor.ts';
import { type Authenticator, giveAuthenticator } from './virtual-authenticator.ts';

let site: PagesSite;
let browser: Browser;
const visitors: Visitor[] = [];
const devices: Authenticator[] = [];

async function someone(as: string): Promise<Visitor> {
  const person = await visitor(browser, site.url, { as });
  visitors.push(person);
  return person;
}

async function plugIn(person: Visitor): Promise<Authenticator> {
  const device = await giveAuthenticator(person);
  devices.push(device);
  return device;
}

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  await seedRun(site, 'stepped');
});

afterEach(async () => {
  for (const device of devices.splice(0)) await device.unplug();
  for (const person of visitors.splice(0)) {
    await person.leave();
    expect(person.complaints).toEqual([]);
  }
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

let asked = 0;
const question = () => seedApproval(site, { runId: 'stepped', index: (asked += 1), requirement: { stepUp: true } });
const stateOf = async (approvalId: string) => (await site.records.storage.approvals.find('default', approvalId))?.state;
const verdictsOf = async (approvalId: string) =>
  (await site.records.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed.verdict);
const patience = { timeout: 15_000 };

/** On his own page; the passkey's id. */
async function enrol({ page, goto }: Visitor): Promise<string> {
  await goto('/passkeys');
  const before = await page.locator('.passkeys .row').count();
  await page.locator('form.enrol button').click();
  await expect.poll(() => page.locator('.passkeys .row').count(), patience).toBe(before + 1);
  return (await page.locator('.passkeys .row').first().getAttribute('id')) ?? '';
}

async function settle(as: string, passkeyId: string, deed: 'confirm' | 'revoke'): Promise<void> {
  const { page, goto } = await someone(as);
  await goto('/passkeys');
  await page.locator(`#${passkeyId} form[action$="/${deed}"] button`).click();
  await page.waitForURL(`${site.url}/passkeys`);
}

test('a passkey is enrolled, confirmed by a second person, signs an answer, and is worth nothing once revoked', async () => {
  const approver = await someone('approver');
  const { page, goto } = approver;
  const { approvalId } = await question();
  await goto(`/approvals/${approvalId}`);
  expect(await page.locator('button[name="verdict"]').count()).toBe(0);

  const device = await plugIn(approver);
  const passkeyId = await enrol(approver);
  expect(await page.locator(`#${passkeyId}`).getAttribute('data-state')).toBe('waiting');
  expect(await page.locator(`#${passkeyId} form[action$="/confirm"]`).count()).toBe(0);
  expect(await approver.axe()).toEqual([]);
  await goto(`/approvals/${approvalId}`);
  expect(await page.locator('button[name="verdict"]').count()).toBe(0);

  await settle('lead', passkeyId, 'confirm');
  await goto(`/approvals/${approvalId}`);
  expect(await approver.axe()).toEqual([]);
  await page.locator('#reason').fill('Compared with the order.');
  await Promise.all([page.waitForEvent('load'), page.locator('button[value="approve"]').click()]);
  await expect.poll(() => stateOf(approvalId), patience).toBe('approved');
  expect(await verdictsOf(approvalId)).toMatchObject([
    { approver: 'approver', verdict: 'approve', acr: 'passkey', reason: 'Compared with the order.', assertion: {} },
  ]);

  const second = await question();
  await goto(`/approvals/${second.approvalId}`);
  await device.verifies(false);
  await page.locator('button[value="approve"]').click();
  await page.locator('form.answer [role="alert"]:not([hidden])').waitFor();
  expect(await verdictsOf(second.approvalId)).toEqual([]);
  await device.verifies(true);

  // The page was there before the passkey was revoked, and tries to go on.
  await settle('admin', passkeyId, 'revoke');
  await page.locator('button[value="approve"]').click();
  await page.locator('form.answer [role="alert"]:not([hidden])').waitFor();
  await goto(`/approvals/${second.approvalId}`);
  expect(await page.locator('button[name="verdict"]').count()).toBe(0);
  expect(await verdictsOf(second.approvalId)).toEqual([]);
  await goto('/passkeys');
  expect(await page.locator(`#${passkeyId}`).getAttribute('data-state')).toBe('revoked');

  const recorded = await site.records.storage.outbox.ofRun('default', '', 0, 100);
  expect(
    recorded.filter(({ kind }) => kind.startsWith('passkey-')).map(({ kind, body }) => [kind, body['by']]),
  ).toEqual([
    ['passkey-enrolled', undefined],
    ['passkey-confirmed', 'lead'],
    ['passkey-revoked', 'admin'],
  ]);
});

test('a rejection is signed as well, and without script nothing is taken', async () => {
  const approver = await someone('approver2');
  await plugIn(approver);
  await settle('admin', await enrol(approver), 'confirm');
  const { approvalId, actionDigest } = await question();
  await approver.goto(`/approvals/${approvalId}`);
  const [answer] = await Promise.all([
    approver.page.waitForResponse((response) => response.request().method() === 'POST'),
    approver.page.evaluate("document.querySelector('form.answer').submit()"),
  ]);
  expect([answer.status(), actionDigest.length]).toEqual([403, 71]);
  await approver.page.locator('[role="alert"]').first().waitFor();
  await approver.page.locator('button[value="reject"]').click();
  await expect.poll(() => stateOf(approvalId), patience).toBe('rejected');
  expect(await verdictsOf(approvalId)).toMatchObject([{ verdict: 'reject', acr: 'passkey' }]);
});

test('a change of the arguments is signed with the passkey, and what is wrong with it is said before', async () => {
  const approver = await someone('approver');
  const { page, goto } = approver;
  await plugIn(approver);
  await settle('admin', await enrol(approver), 'confirm');
  const { approvalId } = await question();
  await goto(`/approvals/${approvalId}/edit`);
  expect(await approver.axe()).toEqual([]);
  const offered = await page.locator('#edit-args').inputValue();
  await page.locator('#edit-args').fill('{"amount":"1.00","amount":"2.00"}');
  await page.locator('button[value="edit"]').click();
  await page.locator('form.answer [role="alert"]:not([hidden])').waitFor();
  expect(await page.locator('form.answer [role="alert"]').first().innerText()).toContain('must not appear twice');
  expect(await verdictsOf(approvalId)).toEqual([]);
  await page.locator('#edit-args').fill(offered.replace('"12400.00"', '1240'));
  await Promise.all([
    page.waitForURL(`${site.url}/approvals/${approvalId}`),
    page.locator('button[value="edit"]').click(),
  ]);
  expect(await verdictsOf(approvalId)).toMatchObject([{ verdict: 'edit', acr: 'passkey', assertion: {}, edit: {} }]);
});

test('where policy asks for no step-up, whoever has a passkey is not asked for it', async () => {
  const { approvalId } = await seedApproval(site, { runId: 'stepped', index: 90 });
  const { page, goto } = await someone('approver2');
  await goto(`/approvals/${approvalId}`);
  await page.locator('button[value="approve"]').click();
  await expect.poll(() => stateOf(approvalId), patience).toBe('approved');
  expect(await verdictsOf(approvalId)).toMatchObject([{ acr: 'dev' }]);
});
