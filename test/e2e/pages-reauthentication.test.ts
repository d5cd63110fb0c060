import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OidcSite, startOidcSite } from '../contract/oidc-site.ts';
import { startTlsProxy, type TlsProxy } from '../fakes/tls-proxy.ts';
import { launchBrowser } from '../setup/browser.ts';
import { heldPasskey } from '../support/held-passkey.ts';
import { seedApproval, seedRun } from './pages-seed.ts';
import { visitor } from './pages-visitor.ts';

// The pages are on https and the provider is not, so that to a browser they are two sites.
let proxy: TlsProxy;
let site: OidcSite;
let browser: Browser;
const runId = `again-${randomUUID()}`;

beforeAll(async () => {
  proxy = await startTlsProxy();
  site = await startOidcSite({ COUNTERSIGN_OIDC_STEP_UP: 'login' }, proxy.url);
  proxy.forwardTo(Number(new URL(site.url).port));
  site.provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: [] });
  await seedRun(site, runId);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await proxy?.close();
});

async function atTheProvider(page: Page): Promise<void> {
  await page.locator('input[name="login"]').fill('ada');
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
}

const question = (index: number) => seedApproval(site, { runId, index, requirement: { stepUp: true } });
const verdictsOf = async (approvalId: string) =>
  (await site.records.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed.verdict);

test.each(['on', 'off'] as const)(
  'an approver signs in again from the page, and comes back to it with his answer given; script is %s',
  async (javaScript) => {
    const person = await visitor(browser, proxy.url, { certificates: 'any', javaScript });
    const { page } = person;
    const { approvalId } = await question(javaScript === 'on' ? 1 : 2);
    const address = `${proxy.url}/approvals/${approvalId}`;
    await page.goto(address);
    await page.locator('a[href^="/login/start"]').click();
    await atTheProvider(page);
    await page.waitForURL(address);
    if (javaScript === 'on') expect(await person.axe()).toEqual([]);
    await page.locator('#reason').fill('Compared with the order.');
    await page.getByRole('button', { name: 'Sign in again to approve' }).click();
    await atTheProvider(page);
    await page.waitForURL(address);
    expect(await verdictsOf(approvalId)).toMatchObject([
      { verdict: 'approve', acr: 'provider', reason: 'Compared with the order.', reauthentication: {} },
    ]);
    expect(await page.locator('#decision').innerText()).toContain('Your answer is stored and signed');
    await person.leave();
    expect(person.complaints).toEqual([]);
  },
);

test('whoever has a passkey is offered both, and one way does not get in the way of the other', async () => {
  const person = await visitor(browser, proxy.url, { certificates: 'any' });
  const { page } = person;
  await heldPasskey(site.records.storage.passkeys, { subject: site.subject('ada') });
  const { approvalId } = await question(3);
  const address = `${proxy.url}/approvals/${approvalId}`;
  await page.goto(address);
  await page.locator('a[href^="/login/start"]').click();
  await atTheProvider(page);
  await page.waitForURL(address);
  expect(await person.axe()).toEqual([]);
  expect(await page.locator('form.answer button').allInnerTexts()).toEqual([
    'Reject',
    'Approve',
    'Sign in again to reject',
    'Sign in again to approve',
  ]);
  await page.getByRole('button', { name: 'Sign in again to reject' }).click();
  await atTheProvider(page);
  await page.waitForURL(address);
  expect(await verdictsOf(approvalId)).toMatchObject([{ verdict: 'reject', acr: 'provider' }]);
  await person.leave();
  expect(person.complaints).toEqual([]);
});
