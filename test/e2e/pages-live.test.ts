import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEscalationPump } from '../../src/api/escalation/escalation-pump.ts';
import { launchBrowser } from '../setup/browser.ts';
import { quietApiLog } from '../unit/api/quiet-api-log.ts';
import { seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  await seedRun(site, 'mailbox');
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

describe('with script', () => {
  test('what an agent asks appears in an open inbox, and goes when it is answered', async () => {
    const { page, goto, complaints, leave } = await visitor(browser, site.url, { as: 'approver' });
    await goto('/approvals');
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 1 });
    await page.locator(`#${approvalId}`).waitFor({ timeout: 15_000 });
    expect(await page.locator('#waiting').innerText()).toContain('1');
    const other = await visitor(browser, site.url, { as: 'approver2' });
    await other.goto(`/approvals/${approvalId}`);
    await other.page.locator('button[value="reject"]').click();
    await page.locator(`#${approvalId}`).waitFor({ state: 'detached', timeout: 15_000 });
    expect(await page.locator('#waiting').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await Promise.all([leave(), other.leave()]);
  });

  test('a run that is being looked at goes on before one’s eyes, and what was opened stays open', async () => {
    const { page, goto, complaints, leave } = await visitor(browser, site.url, { as: 'auditor' });
    await seedApproval(site, { runId: 'mailbox', index: 2 });
    await goto('/runs/mailbox');
    await page.locator('[id="more-t4.2"] summary').click();
    await seedApproval(site, { runId: 'mailbox', index: 3 });
    await page.locator('[id="call-t4.3"]').waitFor({ timeout: 15_000 });
    expect(await page.locator('[id="more-t4.2"]').getAttribute('open')).not.toBeNull();
    expect(complaints).toEqual([]);
    await leave();
  });

  test('a reason that is being written survives another person’s answer', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 4, requirement: { quorum: 2 } });
    const [writing, quick] = [
      await visitor(browser, site.url, { as: 'approver' }),
      await visitor(browser, site.url, { as: 'approver2' }),
    ];
    await writing.goto(`/approvals/${approvalId}`);
    await writing.page.locator('#reason').fill('I was about to say');
    await quick.goto(`/approvals/${approvalId}`);
    await quick.page.locator('button[value="approve"]').click();
    await writing.page.locator('#decision[data-key^="pending.yes.1."]').waitFor({ timeout: 15_000 });
    expect(await writing.page.locator('#reason').inputValue()).toBe('I was about to say');
    expect(await writing.page.evaluate('document.activeElement.id')).toBe('reason');
    await Promise.all([writing.leave(), quick.leave()]);
  });

  test('when the time is up, the buttons go by themselves', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 5, ttlSeconds: 4 });
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'approver' });
    await goto(`/approvals/${approvalId}`);
    await page.locator('#decision[data-key^="pending.approval-closed"]').waitFor({ timeout: 20_000 });
    expect(await page.locator('button[name="verdict"]').count()).toBe(0);
    await leave();
  });
});

describe('without script', () => {
  test('signing in, finding, reading, answering, following and signing out all work', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 6 });
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'approver', javaScript: 'off' });
    await goto('/');
    await page.locator(`#${approvalId} h2 a`).click();
    await page.locator('#reason').fill('Agreed on the phone.');
    await page.locator('button[value="approve"]').click();
    await page.locator('#decision .answers blockquote').waitFor();
    await expect
      .poll(async () => (await site.records.storage.approvals.find('default', approvalId))?.state, { timeout: 15_000 })
      .toBe('approved');
    await page.locator('a[href="/runs"]').click();
    await page.locator('a[href="/runs/mailbox"]').click();
    expect(await page.locator('[id="call-t4.6"]').innerText()).toContain('Agreed on the phone.');
    await page.locator('.who button').click();
    await page.waitForURL(`${site.url}/login`);
    await leave();
  });
});

// Last, since it moves the clock of the site away from the browser's.
test('who is asked later gets the question into his open inbox, and its page offers him the answer', async () => {
  const widen = [{ afterSeconds: 600, roles: ['lead'] }];
  const requirement = { ttlSeconds: 3_600, widen };
  const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 5, requirement });
  const [list, page] = [
    await visitor(browser, site.url, { as: 'lead' }),
    await visitor(browser, site.url, { as: 'lead' }),
  ];
  await list.goto('/approvals?asked=me');
  await page.goto(`/approvals/${approvalId}`);
  expect(await list.page.locator(`#${approvalId}`).count()).toBe(0);
  expect(await page.page.locator('#decision').innerText()).toContain('not for your roles yet');
  site.clock.advance(600_000);
  const { escalations } = site.records.storage;
  const pump = createEscalationPump({ escalations, clock: site.clock, log: quietApiLog() });
  pump.begin();
  await list.page.locator(`#${approvalId}`).waitFor({ timeout: 15_000 });
  await page.page.locator('#decision button[value="approve"]').waitFor({ timeout: 15_000 });
  expect(await page.page.locator('#decision').innerText()).toMatch(/Since \d\d:\d\d UTC .* also: lead\./);
  await pump.stop();
  expect([...list.complaints, ...page.complaints]).toEqual([]);
  await Promise.all([list.leave(), page.leave()]);
});
