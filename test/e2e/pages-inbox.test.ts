import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { launchBrowser } from '../setup/browser.ts';
import { seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { type Visitor, type VisitorSettings, visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;
const seeded: ApprovalRow[] = [];

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  await seedRun(site, 'july-mailbox');
  await seedRun(site, 'own-run', 'approver');
  for (let index = 0; index < 55; index += 1) {
    const own = index % 11 === 10 ? { runId: 'own-run', initiator: 'approver' } : { runId: 'july-mailbox' };
    const risk = index % 5 === 0 ? 'high' : 'low';
    const tool = index % 7 === 0 ? 'stock.order_parts' : 'invoices.schedule_payment';
    seeded.push(await seedApproval(site, { ...own, index, risk, tool, ttlSeconds: 7_200 + index * 60 }));
  }
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

async function someone(settings: VisitorSettings = {}): Promise<Visitor> {
  return visitor(browser, site.url, { as: 'approver', ...settings });
}

const shownIn = ({ page }: Visitor): Promise<string[]> =>
  page.locator('#rows > li').evaluateAll((rows) => rows.map(({ id }) => id));
const idsOf = (rows: readonly ApprovalRow[]): string[] => rows.map(({ approvalId }) => approvalId);

describe('without script', () => {
  test('links lead to each page and back, and each filter shows what it counted', async () => {
    const person = await someone({ javaScript: 'off' });
    const { page, goto } = person;
    await goto('/approvals');
    expect(await shownIn(person)).toEqual(idsOf(seeded.slice(0, 50)));
    await page.locator('a[rel="next"]').click();
    expect(await shownIn(person)).toEqual(idsOf(seeded.slice(50)));
    expect(await page.locator('#inbox-pages').innerText()).toContain('51–55 of 55');
    await page.locator('a[rel="prev"]').click();
    expect(await shownIn(person)).toEqual(idsOf(seeded.slice(0, 50)));
    await page.locator('.tabs a', { hasText: 'Asked of you' }).click();
    expect(await shownIn(person)).toEqual(idsOf(seeded.filter(({ initiator }) => initiator !== 'approver')));
    await page.locator('.chip', { hasText: 'High risk' }).click();
    const wanted = seeded.filter(({ initiator, risk }) => initiator !== 'approver' && risk === 'high');
    expect(await shownIn(person)).toEqual(idsOf(wanted));
    expect(await page.locator('.chip[aria-current] .tally').innerText()).toBe(String(wanted.length));
    await page.locator('#more-filters summary').click();
    await page.locator('#narrow-tool').selectOption('stock.order_parts');
    await page.locator('#narrow-run').fill('JULY');
    await page.locator('.narrow button').click();
    expect(await shownIn(person)).toEqual(idsOf(wanted.filter(({ tool }) => tool === 'stock.order_parts')));
    await page.locator('a', { hasText: 'Show everything' }).click();
    expect(await page.locator('#waiting').innerText()).toContain('55');
    await person.leave();
  });

  test('filters under which nothing waits say so, and the way back', async () => {
    const person = await someone({ as: 'lead', javaScript: 'off' });
    await person.goto('/approvals?asked=me');
    expect(await person.page.locator('.empty').innerText()).toContain('Nothing is asked of you');
    await person.goto('/approvals?run=no-such-run');
    expect(await person.page.locator('.empty').innerText()).toContain('Nothing waits that fits');
    await person.page.locator('.empty a').click();
    expect(await shownIn(person)).toHaveLength(50);
    await person.leave();
  });

  test.each(['?risk=huge', '?after=nonsense', '?run=%00', '?tool=%3Cscript%3E'])('%s is refused', async (query) => {
    const person = await someone({ javaScript: 'off' });
    const answer = await person.page.goto(`${site.url}/approvals${query}`);
    expect(answer?.status()).toBe(400);
    await person.leave();
  });
});

describe('with script', () => {
  test('a new question comes to its place by itself, and nothing else of the page is loaded again', async () => {
    const person = await someone();
    const { page, goto } = person;
    await goto('/approvals');
    await page.waitForTimeout(1_000);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.evaluate("document.getElementById('rows').firstElementChild.dataset.untouched = 'yes'");
    const row = await seedApproval(site, { runId: 'july-mailbox', index: 100, ttlSeconds: 7_300, risk: 'high' });
    await page.locator(`#${row.approvalId}`).waitFor({ timeout: 10_000 });
    const orders = await page
      .locator('#rows > li')
      .evaluateAll((rows) => rows.map((shown) => shown.getAttribute('data-order') ?? ''));
    expect(orders).toHaveLength(51);
    expect(orders).toEqual(orders.toSorted());
    expect(await page.locator('#rows > li').first().getAttribute('data-untouched')).toBe('yes');
    expect(await page.locator('#waiting').innerText()).toContain('56');
    expect(await page.locator('#inbox-pages').innerText()).toContain('1–51 of 56');
    expect(requests).toEqual([]);
    await site.records.storage.approvals.close('default', row.approvalId, 'withdrawn', new Date().toISOString(), []);
    await person.leave();
  });

  test('what happens while the connection is away is told when it is back', async () => {
    const person = await someone();
    const { page, context, goto } = person;
    await goto('/approvals?risk=high');
    await page.waitForTimeout(500);
    await context.setOffline(true);
    const row = await seedApproval(site, { runId: 'july-mailbox', index: 101, ttlSeconds: 6_000, risk: 'high' });
    const other = await seedApproval(site, { runId: 'july-mailbox', index: 102, ttlSeconds: 6_000, risk: 'low' });
    await context.setOffline(false);
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.locator(`#${row.approvalId}`).waitFor({ timeout: 20_000 });
    expect((await shownIn(person)).includes(other.approvalId)).toBe(false);
    await person.leave();
  });

  test('who is writing into the filters, or reading a row by keyboard, keeps his place', async () => {
    const person = await someone();
    const { page, goto } = person;
    await goto('/approvals');
    await page.locator('#more-filters summary').click();
    await page.locator('#narrow-run').fill('jul');
    const row = await seedApproval(site, { runId: 'july-mailbox', index: 103, ttlSeconds: 5_000 });
    await page.locator(`#${row.approvalId}`).waitFor({ timeout: 10_000 });
    expect(await page.locator('#narrow-run').inputValue()).toBe('jul');
    expect(await page.evaluate('document.activeElement.id')).toBe('narrow-run');
    await page.locator(`#${row.approvalId} h2 a`).focus();
    await person.context.newPage().then(async (tab) => {
      await tab.goto(`${site.url}/approvals/${row.approvalId}`);
      await tab.locator('button[value="reject"]').click();
      await tab.close();
    });
    await page.locator(`#${row.approvalId}`).waitFor({ state: 'detached', timeout: 10_000 });
    expect(await page.evaluate<string>('document.activeElement.tagName')).toBe('A');
    await person.leave();
  });

  test('a page whose session has ended says so', async () => {
    const person = await someone();
    const { page, context, goto } = person;
    await goto('/approvals');
    await page.waitForTimeout(500);
    await context.clearCookies();
    await page.evaluate("dispatchEvent(new Event('pagehide')); document.dispatchEvent(new Event('visibilitychange'))");
    await expect.poll(() => page.locator('#connection').innerText(), { timeout: 15_000 }).toMatch(/signed out/);
    expect(await person.axe()).toEqual([]);
    await person.leave();
  });
});

describe('an approval whose content is lost', () => {
  test('is shown as such, with what to do, and disturbs no other', async () => {
    const lost = await seedApproval(site, { runId: 'july-mailbox', index: 200, ttlSeconds: 3_000, sheet: 'lost' });
    const person = await someone();
    await person.goto('/approvals');
    const row = person.page.locator(`#${lost.approvalId}`);
    expect(await row.innerText()).toContain('Cannot be read');
    expect(await shownIn(person)).toHaveLength(50);
    expect(await person.page.locator('#rows .row-money').count()).toBe(49);
    expect(await person.axe()).toEqual([]);
    await row.locator('h2 a').click();
    expect(await person.page.locator('main').innerText()).toContain('cannot be read');
    expect(await person.page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await person.axe()).toEqual([]);
    await person.leave();
  });

  test('comes back once it can be read again', async () => {
    const row = await seedApproval(site, { runId: 'july-mailbox', index: 201, ttlSeconds: 2_900 });
    await site.records.storage.inbox.summarise('default', row.approvalId, undefined);
    const person = await someone();
    await person.goto('/approvals');
    expect(await person.page.locator(`#${row.approvalId}`).innerText()).toContain('12 400.00'.replace(' ', ''));
    await person.leave();
  });
});
