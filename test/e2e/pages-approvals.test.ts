import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { payment, seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { type Visitor, type VisitorSettings, visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;
const visitors: Visitor[] = [];

async function someone(settings: VisitorSettings): Promise<Visitor> {
  const person = await visitor(browser, site.url, settings);
  visitors.push(person);
  return person;
}

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  await seedRun(site, 'mailbox');
});

afterEach(async () => {
  for (const person of visitors.splice(0)) {
    await person.leave();
    expect(person.complaints).toEqual([]);
  }
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const patience = { timeout: 15_000 };
const stateOf = async (approvalId: string) => (await site.records.storage.approvals.find('default', approvalId))?.state;
const verdictsOf = async (approvalId: string) =>
  (await site.records.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed.verdict);

describe('answering', () => {
  test('an approver finds the action in the inbox and approves it', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 1 });
    const { page, goto } = await someone({ as: 'approver' });
    await goto('/approvals');
    await page.locator(`#${approvalId} h2 a`).click();
    await page.locator('#reason').fill('Checked with the buyer.');
    await page.locator('button[value="approve"]').click();
    await page.waitForURL(`${site.url}/approvals/${approvalId}`);
    await expect.poll(() => stateOf(approvalId), patience).toBe('approved');
    expect(await verdictsOf(approvalId)).toMatchObject([
      { approver: 'approver', verdict: 'approve', reason: 'Checked with the buyer.' },
    ]);
    await page.reload();
    expect(await page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await page.locator('.answers blockquote').innerText()).toBe('Checked with the buyer.');
  });

  test('a rejection with its reason rejects', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 2 });
    const { page, goto } = await someone({ as: 'approver2' });
    await goto(`/approvals/${approvalId}`);
    await page.locator('#reason').fill('Not our order.');
    await page.locator('button[value="reject"]').click();
    await expect.poll(() => stateOf(approvalId), patience).toBe('rejected');
    expect(await verdictsOf(approvalId)).toMatchObject([
      { approver: 'approver2', verdict: 'reject', reason: 'Not our order.' },
    ]);
  });

  test('nothing is focused, and the keyboard meets reason and rejecting before approving', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 3 });
    const { page, goto } = await someone({ as: 'approver' });
    await goto(`/approvals/${approvalId}`);
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
    const order: string[] = [];
    for (let step = 0; step < 30 && order.at(-1) !== 'approve'; step += 1) {
      await page.keyboard.press('Tab');
      order.push(
        await page.evaluate<string>(
          "document.activeElement.value || document.activeElement.id || document.activeElement.className || ''",
        ),
      );
    }
    expect(order[0]).toBe('skip');
    expect(order.slice(-3)).toEqual(['reason', 'reject', 'approve']);
  });

  test('where two people are needed, the first answer waits for the second', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 4, requirement: { quorum: 2 } });
    const [first, second] = [await someone({ as: 'approver' }), await someone({ as: 'approver2' })];
    await first.goto(`/approvals/${approvalId}`);
    await first.page.locator('button[value="approve"]').click();
    await first.page.locator('#decision .notice.good').waitFor();
    expect(await first.page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await stateOf(approvalId)).toBe('pending');
    await second.goto(`/approvals/${approvalId}`);
    await second.page.locator('button[value="approve"]').click();
    await expect.poll(() => stateOf(approvalId), patience).toBe('approved');
  });
});

test('whoever approved takes it back with one button, also without script, and may answer again', async () => {
  const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 40, requirement: { quorum: 2 } });
  const { page, goto } = await someone({ as: 'approver', javaScript: 'off' });
  await goto(`/approvals/${approvalId}`);
  expect(await page.locator('.take-back').count()).toBe(0);
  await page.locator('button[value="approve"]').click();
  await page.locator('.take-back button').click();
  expect(await verdictsOf(approvalId)).toEqual([]);
  expect(await page.locator('.answers li').innerText()).toContain('taken back');
  await page.locator('button[value="reject"]').click();
  await expect.poll(() => stateOf(approvalId), patience).toBe('rejected');
  expect(await page.locator('.take-back').count()).toBe(0);
});

test('colleagues ask each other on the page, live and without script, and what was being written stays', async () => {
  const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 41 });
  const asking = await someone({ as: 'approver' });
  const knowing = await someone({ as: 'auditor', javaScript: 'off' });
  await asking.goto(`/approvals/${approvalId}`);
  await asking.page.locator('#reason').fill('Half a sent');
  await knowing.goto(`/approvals/${approvalId}`);
  await knowing.page.locator('#ask summary').click();
  await knowing.page.locator('#note-text').fill('We know <b>them</b>.\nSince 2019.');
  await knowing.page.locator('#ask button').click();
  const told = asking.page.locator('.notes li blockquote');
  await told.waitFor();
  expect(await told.innerText()).toContain('<b>them</b>');
  expect(await asking.page.locator('#reason').inputValue()).toBe('Half a sent');
  expect(await asking.page.locator('#decision .notice.wait').count()).toBe(0);
  expect(await asking.axe()).toEqual([]);
  expect(await stateOf(approvalId)).toBe('pending');
});

describe('answers that are not taken', () => {
  test('an approval whose time is up offers no button, and an answer from an old tab is refused', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 5, ttlSeconds: 600 });
    const { page, goto } = await someone({ as: 'approver', javaScript: 'off' });
    await goto(`/approvals/${approvalId}`);
    site.clock.advance(601_000);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.locator('button[value="approve"]').click(),
    ]);
    expect(answer.status()).toBe(410);
    await page.locator('[role="alert"]').waitFor();
    expect(await page.locator('button[name="verdict"]').count()).toBe(0);
    await goto(`/approvals/${approvalId}`);
    expect(await page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await verdictsOf(approvalId)).toEqual([]);
  });

  test('a tab learns that somebody else has answered', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 6 });
    const [stale, quick] = [await someone({ as: 'approver' }), await someone({ as: 'approver2' })];
    await stale.goto(`/approvals/${approvalId}`);
    await quick.goto(`/approvals/${approvalId}`);
    await quick.page.locator('button[value="reject"]').click();
    await stale.page.locator('#decision[data-key^="rejected"] .notice.wait').waitFor({ timeout: 15_000 });
    expect(await stale.page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await stale.page.locator('#announcements').innerText()).not.toBe('');
  });

  test('an answer to what the page no longer shows is refused, and the page shows what is asked now', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 7 });
    const { page, goto } = await someone({ as: 'approver' });
    await goto(`/approvals/${approvalId}`);
    await page.evaluate(`document.querySelector('input[name="actionDigest"]').value = 'sha256:${'f'.repeat(64)}'`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.locator('button[value="approve"]').click(),
    ]);
    expect(answer.status()).toBe(409);
    await page.locator('[role="alert"]').waitFor();
    expect(await page.locator('button[value="approve"]').count()).toBe(1);
    expect(await verdictsOf(approvalId)).toEqual([]);
  });

  test.each([
    ['who started the run', 'mailbox', 'initiator', 'initiator'],
    ['an auditor', 'mailbox', 'initiator', 'auditor'],
    ['an approver who started the run himself', 'own-run', 'approver', 'approver'],
  ])('%s sees why he cannot answer, and a forged form changes nothing', async (_who, runId, initiator, as) => {
    if (runId === 'own-run') await seedRun(site, runId, initiator);
    const { approvalId, actionDigest } = await seedApproval(site, { runId, index: 8, initiator });
    const { page, goto } = await someone({ as });
    await goto(`/approvals/${approvalId}`);
    expect(await page.locator('button[name="verdict"]').count()).toBe(0);
    expect(await page.locator('#decision .notice').count()).toBe(1);
    await page.evaluate(`(() => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '/approvals/${approvalId}/verdicts';
      const fields = { csrf: document.querySelector('input[name="csrf"]').value, actionDigest: '${actionDigest}', verdict: 'approve' };
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }));
      document.body.append(form);
      form.id = 'forged';
    })()`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.evaluate("document.getElementById('forged').submit()"),
    ]);
    expect(answer.status()).toBe(403);
    await page.locator('[role="alert"]').waitFor();
    expect(await verdictsOf(approvalId)).toEqual([]);
  });

  test('a second answer of the same person changes nothing', async () => {
    site.hold('asleep');
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 9 });
    const person = await someone({ as: 'approver', javaScript: 'off' });
    const again = await person.context.newPage();
    await again.goto(`${site.url}/approvals/${approvalId}`);
    await person.goto(`/approvals/${approvalId}`);
    await person.page.locator('button[value="reject"]').click();
    await person.page.locator('#decision .notice.good').waitFor();
    const [answer] = await Promise.all([
      again.waitForResponse((response) => response.request().method() === 'POST'),
      again.locator('button[value="approve"]').click(),
    ]);
    expect(answer.status()).toBe(409);
    expect((await verdictsOf(approvalId)).map(({ verdict }) => verdict)).toEqual(['reject']);
    site.hold('awake');
  });
});

describe('what tries to deceive', () => {
  const hostile =
    '"><img src=x onerror=alert(1)><script>alert(2)</script><form action="https://evil.example"><button>Approve</button></form>\u202egpj.\u200bexe \u001b[2J N\u043erdic';

  test('markup, escapes and confusable letters in every shown field are inert and visible', async () => {
    await seedRun(site, 'hostile-run', 'initiator', hostile);
    const args = Object.fromEntries(Object.keys(payment).map((name) => [name, hostile]));
    const { approvalId } = await seedApproval(site, {
      runId: 'hostile-run',
      args,
      reasons: [{ rule: hostile, message: hostile }],
      facts: { [hostile]: false },
    });
    const { page, goto, complaints } = await someone({ as: 'approver' });
    for (const path of [`/approvals/${approvalId}`, '/approvals', '/runs/hostile-run', '/runs']) {
      await goto(path);
      expect(await page.locator('main img, main script, form[action^="https:"]').count()).toBe(0);
    }
    await goto(`/approvals/${approvalId}`);
    expect(await page.locator('mark.odd code', { hasText: 'U+202E' }).count()).toBeGreaterThan(0);
    expect(await page.locator('mark.odd code', { hasText: 'U+043E' }).count()).toBeGreaterThan(0);
    expect(await page.locator('button[value="approve"]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('text that imitates the page stays an argument, and moves no button', async () => {
    const imitation =
      'Approved by lead\nQuorum reached: 2 of 2\n[Approve] [Reject]\nThis is a routine payment. ✓ Verified by policy';
    const { approvalId } = await seedApproval(site, {
      runId: 'mailbox',
      index: 11,
      args: { ...payment, reference: imitation },
    });
    const { page, goto } = await someone({ as: 'approver' });
    await goto(`/approvals/${approvalId}`);
    const said = page.getByText('Quorum reached: 2 of 2');
    expect(await said.count()).toBeGreaterThan(0);
    expect(await page.locator('#decision').getByText('Quorum reached').count()).toBe(0);
    expect(await page.locator('h1, h2, h3, button, a, summary').getByText('Quorum reached').count()).toBe(0);
    expect(await said.first().locator('xpath=ancestor::table | ancestor::dl | ancestor::pre').count()).toBeGreaterThan(
      0,
    );
    expect(await page.locator('button[value="approve"]').count()).toBe(1);
  });

  test('a megabyte does not hide its tail, and the page stays usable', async () => {
    const tail = 'and then pay everything to somebody else';
    const { approvalId } = await seedApproval(site, {
      runId: 'mailbox',
      index: 10,
      args: { ...payment, reference: `${'harmless text '.repeat(74_000)}${tail}` },
    });
    const { page, goto } = await someone({ as: 'approver', width: 360 });
    const begun = performance.now();
    await goto(`/approvals/${approvalId}`);
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(await page.locator('.long-end').innerText()).toContain(tail);
    expect((await page.locator('.long-text').innerText()).length).toBeGreaterThan(1_000_000);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.locator('button[value="reject"]').click();
    await expect.poll(() => stateOf(approvalId), patience).toBe('rejected');
  });
});
