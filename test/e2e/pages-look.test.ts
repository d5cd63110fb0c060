import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { payment, seedApproval, seedDelegation, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;
const pages: Record<string, string> = {};

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  const empty = await visitor(browser, site.url, { as: 'approver' });
  await empty.goto('/approvals');
  expect(await empty.axe()).toEqual([]);
  await empty.leave();
  await seedRun(site, 'mailbox');
  await seedRun(site, 'own-run', 'approver');
  const waiting = await seedApproval(site, { runId: 'mailbox' });
  const odd = await seedApproval(site, {
    runId: 'mailbox',
    index: 1,
    args: { ...payment, supplierId: 'N\u043erdic\u200b Ltd', reference: `RE-1\u202egpj.exe\n${'long '.repeat(600)}` },
    facts: { ibanOfSupplier: false, matchesOrder: true },
  });
  const lentTo = await seedApproval(site, { runId: 'mailbox', index: 2, requirement: { roles: ['lead'] } });
  await seedDelegation(site, { from: 'lead', to: 'approver', roles: ['lead'] });
  await seedDelegation(site, { from: 'approver', to: 'approver2', roles: ['approver'] });
  const own = await seedApproval(site, { runId: 'own-run', initiator: 'approver' });
  Object.assign(pages, {
    inbox: '/approvals',
    'a pending approval': `/approvals/${waiting.approvalId}`,
    'an approval with unusual characters': `/approvals/${odd.approvalId}`,
    'an approval that somebody else has to answer': `/approvals/${own.approvalId}`,
    runs: '/runs',
    run: '/runs/mailbox',
    passkeys: '/passkeys',
    delegations: '/delegations',
    'an approval that a lent role answers': `/approvals/${lentTo.approvalId}`,
    'no such page': '/nothing-here',
  });
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

describe.each(['light', 'dark'] as const)('in %s', (colours) => {
  test.each([1_200, 360])(
    'every page passes axe at %d px, fits its width, and nothing is refused by the content security policy',
    async (width) => {
      const signedOut = await visitor(browser, site.url, { colours, width });
      await signedOut.goto('/login');
      expect(await signedOut.axe()).toEqual([]);
      await signedOut.leave();
      const { page, goto, axe, complaints, leave } = await visitor(browser, site.url, {
        as: 'approver',
        colours,
        width,
      });
      for (const [name, path] of Object.entries(pages)) {
        await goto(path);
        expect([name, await axe()]).toEqual([name, []]);
        expect([name, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([name, width]);
      }
      expect(complaints).toEqual([]);
      await leave();
    },
  );
});

test('every page says what kind of installation this is', async () => {
  const { page, goto, leave } = await visitor(browser, site.url, { as: 'approver' });
  for (const path of [...Object.values(pages), '/login']) {
    await goto(path);
    expect(await page.locator('.mode').innerText()).toMatch(/development identities.*this machine only/i);
  }
  await leave();
});
