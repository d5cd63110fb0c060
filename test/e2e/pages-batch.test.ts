import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { launchBrowser } from '../setup/browser.ts';
import { payment, type SeededApproval, seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { signIn, type Visitor, type VisitorSettings, visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;
let count = 0;
/** Asks in a way of its own, so that the questions of one test are like those of no other. */
let rule = '';
const visitors: Visitor[] = [];

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
});

beforeEach(() => {
  count += 1;
  rule = `payments.rule-${count}`;
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

async function someone(settings: VisitorSettings): Promise<Visitor> {
  const person = await visitor(browser, site.url, settings);
  visitors.push(person);
  return person;
}

/** A question of a run of its own. */
async function asked(seeded: Partial<SeededApproval> = {}): Promise<ApprovalRow> {
  count += 1;
  const runId = `batch-${count}`;
  await seedRun(site, runId, seeded.initiator);
  const reasons = [{ rule, message: 'The amount is above what this agent may pay alone.' }];
  return seedApproval(site, { runId, reasons, ...seeded });
}

async function payments(...amounts: readonly string[]): Promise<ApprovalRow[]> {
  const rows: ApprovalRow[] = [];
  for (const [index, amount] of amounts.entries())
    rows.push(await asked({ args: { ...payment, amount }, ttlSeconds: 3_600 + 60 * index }));
  return rows;
}

const batchOf = (row: ApprovalRow) => `/approvals/batch?like=${row.approvalId}`;
const choose = (page: Page, row: ApprovalRow, choice: 'agree' | 'refuse' | 'open') =>
  page.locator(`#${row.approvalId} .choice.${choice} input`).check();
const idsOn = (page: Page) =>
  page.evaluate<string[]>("Array.from(document.querySelectorAll('.batch-items > li'), ({ id }) => id)");
const stateOf = async (row: ApprovalRow) =>
  (await site.records.storage.approvals.find('default', row.approvalId))?.state;
const verdictsOf = async (row: ApprovalRow) =>
  (await site.records.storage.approvals.verdicts('default', row.approvalId)).map(({ signed }) => signed.verdict);

const patience = { timeout: 15_000 };

describe.each(['on', 'off'] as const)('with script %s', (javaScript) => {
  test('like questions are answered together, each as chosen, and what was not chosen stays open', async () => {
    const [first, second, third] = (await payments('1200.00', '310.50', '99.00')) as [
      ApprovalRow,
      ApprovalRow,
      ApprovalRow,
    ];
    const { page, goto } = await someone({ as: 'approver', javaScript });
    await goto(batchOf(second));
    expect(await idsOn(page)).toEqual([first, second, third].map(({ approvalId }) => approvalId));
    expect(await page.locator('.batch-sum').innerText()).toMatch(/^All 3 together: 1\s?609\.50 EUR$/);
    await choose(page, first, 'agree');
    await choose(page, second, 'refuse');
    await page.locator('#reason').fill('Paid last week.');
    if (javaScript === 'on') {
      expect(await page.locator('#batch-tally').innerText()).toMatch(/^Approve 1, 1\s?200\.00 EUR · Reject 1$/);
      expect(await page.locator('#batch-button').innerText()).toBe('Send 2 answers');
    }
    await page.locator('#batch-button').click();
    await page.waitForURL(/\/approvals\/batch\/sent\?/);
    expect(await page.locator('.sent > li').count()).toBe(2);
    expect(await page.locator(`#${first.approvalId} .badge`).innerText()).toBe('You approved');
    expect(await page.locator(`#${second.approvalId} .badge`).innerText()).toBe('You rejected');
    await expect.poll(() => stateOf(first), patience).toBe('approved');
    await expect.poll(() => stateOf(second), patience).toBe('rejected');
    expect(await verdictsOf(first)).toMatchObject([
      { verdict: 'approve', reason: '', actionDigest: first.actionDigest },
    ]);
    expect(await verdictsOf(second)).toMatchObject([{ verdict: 'reject', reason: 'Paid last week.' }]);
    expect([await stateOf(third), await verdictsOf(third)]).toEqual(['pending', []]);
    await page.reload();
    expect(await page.locator('h1').innerText()).toBe('2 answers are stored and signed');
    expect(await verdictsOf(first)).toHaveLength(1);
    await page.locator('.batch-next a').first().click();
    expect(await idsOn(page)).toEqual([third.approvalId]);
  });

  test('nothing is chosen at first, nothing is focused, and sending nothing sends nothing', async () => {
    const rows = await payments('1.00', '2.00');
    const { page, goto } = await someone({ as: 'approver', javaScript });
    await goto(batchOf(rows[0] as ApprovalRow));
    expect(
      await page.evaluate("Array.from(document.querySelectorAll('.choice input:checked'), ({ value }) => value)"),
    ).toEqual(['', '']);
    if (javaScript === 'on') expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.locator('#batch-button').click(),
    ]);
    expect(answer.status()).toBe(400);
    await page.locator('[role="alert"]').waitFor();
    for (const row of rows) expect(await verdictsOf(row)).toEqual([]);
  });
});

test('a key pressed too often sends nothing: the keyboard sends with the button alone', async () => {
  const [first] = (await payments('1.00', '2.00')) as [ApprovalRow];
  const { page, goto } = await someone({ as: 'approver' });
  await goto(batchOf(first));
  await choose(page, first, 'agree');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect(page.url()).toBe(`${site.url}${batchOf(first)}`);
  expect(await verdictsOf(first)).toEqual([]);
});

describe('a batch holds', () => {
  test('what is asked of the viewer by the same rules about the same tool, without a step-up, and nothing else', async () => {
    const mine = await payments('1.00', '2.00');
    await asked({ initiator: 'approver' });
    await asked({ requirement: { roles: ['lead'] } });
    await asked({ requirement: { quorum: 2 } });
    await asked({ requirement: { stepUp: true } });
    await asked({ risk: 'medium' });
    await asked({ tool: 'invoices.send_mail' });
    await asked({ reasons: [{ rule: `${rule}-too`, message: 'Another rule.' }] });
    const answered = await asked();
    const { page, goto } = await someone({ as: 'approver' });
    await goto(batchOf(answered));
    await choose(page, answered, 'refuse');
    await page.locator('#batch-button').click();
    await page.waitForURL(/sent/);
    await goto(batchOf(answered));
    expect(await idsOn(page)).toEqual(mine.map(({ approvalId }) => approvalId));
  });

  test('at most twenty, what ends first, and says how many more there are', async () => {
    const rows = await payments(...Array.from({ length: 23 }, (_, index) => `${index + 1}.00`));
    const { page, goto } = await someone({ as: 'approver' });
    await goto(batchOf(rows[22] as ApprovalRow));
    expect(await idsOn(page)).toEqual(rows.slice(0, 20).map(({ approvalId }) => approvalId));
    expect(await page.locator('.batch-rest').innerText()).toMatch(/3 more/);
    expect(await page.locator('.batch-sum').innerText()).toMatch(/^20 of them together: 210\.00 EUR$/);
  });

  test('every argument whole and marked as it is, its digest, and what the records say against it', async () => {
    const reference = `Invoice ${'long '.repeat(400)}end-of-it`;
    const odd = await asked({
      args: { ...payment, supplierId: 'N\u043erdic\u202e Ltd', reference, memo: '<script>alert(1)</script>' },
      facts: { ibanOfSupplier: false, matchesOrder: true },
    });
    await asked();
    const { page, goto } = await someone({ as: 'approver' });
    await goto(batchOf(odd));
    const item = page.locator(`#${odd.approvalId}`);
    expect(await item.locator('mark.odd').count()).toBeGreaterThan(1);
    expect(await item.locator('.disagree').innerText()).toMatch(/IBAN of supplier/);
    await item.locator('summary').first().click();
    expect(await item.locator('.long-text').first().innerText()).toContain('end-of-it');
    expect(await item.innerText()).toContain('<script>alert(1)</script>');
    await item.locator('summary').nth(1).click();
    expect(await item.locator('details[open] > p > code').innerText()).toBe(odd.actionDigest);
  });

  test('what cannot be read as something that cannot be chosen', async () => {
    const lost = await asked({ sheet: 'lost' });
    const [whole] = (await payments('5.00')) as [ApprovalRow];
    const { page, goto } = await someone({ as: 'approver' });
    await goto('/approvals');
    await goto(batchOf(whole));
    expect(await idsOn(page)).toContain(lost.approvalId);
    expect(await page.locator(`#${lost.approvalId} input`).count()).toBe(0);
    expect(await page.locator(`#${whole.approvalId} input`).count()).toBe(3);
  });
});

describe('answers of a batch that are not taken', () => {
  test('an item that was closed meanwhile, and one that shows another digest, are refused, and the others are given', async () => {
    const [gone, swapped, fine] = (await payments('1.00', '2.00', '3.00')) as [ApprovalRow, ApprovalRow, ApprovalRow];
    const [stale, quick] = [await someone({ as: 'approver' }), await someone({ as: 'approver2' })];
    await stale.goto(batchOf(fine));
    for (const row of [gone, swapped, fine]) await choose(stale.page, row, 'agree');
    await quick.goto(`/approvals/${gone.approvalId}`);
    await quick.page.locator('button[value="reject"]').click();
    await expect.poll(() => stateOf(gone), patience).toBe('rejected');
    await stale.page.evaluate(
      `document.querySelector('input[name="${swapped.approvalId}"][value^="approve"]').value = 'approve ${fine.actionDigest}'`,
    );
    await stale.page.locator('#batch-button').click();
    await stale.page.waitForURL(/sent/);
    const saidOf = (row: ApprovalRow) => stale.page.locator(`#${row.approvalId}`).innerText();
    expect(await saidOf(gone)).toMatch(/Not taken[\s\S]*too late/);
    expect(await saidOf(swapped)).toMatch(/Not taken[\s\S]*no longer what is asked/);
    expect(await saidOf(fine)).toMatch(/You approved/);
    expect(await verdictsOf(swapped)).toEqual([]);
    expect(await verdictsOf(gone)).toMatchObject([{ approver: 'approver2' }]);
    await expect.poll(() => stateOf(fine), patience).toBe('approved');
  });

  test('an address that somebody made up claims no answer that is not stored', async () => {
    const [row] = (await payments('1.00')) as [ApprovalRow];
    const { page, goto } = await someone({ as: 'approver' });
    await goto(`/approvals/batch/sent?like=${row.approvalId}&told=${row.approvalId},nonsense,apr_x.y`);
    expect(await page.locator('h1').innerText()).toBe('No answer was taken');
    expect(await page.locator('.sent > li').count()).toBe(1);
    await goto(`/approvals/batch/sent?told=apr_${'0'.repeat(32)}`);
    expect(await page.locator('h1').innerText()).not.toMatch(/stored/);
  });

  test('a batch posted by a page of another site, or without the page’s token, gives nothing', async () => {
    const [row] = (await payments('1.00')) as [ApprovalRow];
    const { page, context, goto } = await someone({ as: 'approver' });
    await goto(batchOf(row));
    const body = new URLSearchParams({ like: row.approvalId, [row.approvalId]: `approve ${row.actionDigest}` });
    const token = await page.locator('#batch input[name="csrf"]').getAttribute('value');
    const post = (origin: string, csrf: string | null) =>
      context.request.post(`${site.url}/approvals/batch`, {
        headers: { 'origin': origin, 'content-type': 'application/x-www-form-urlencoded' },
        data: `${body.toString()}${csrf === null ? '' : `&csrf=${csrf}`}`,
        maxRedirects: 0,
      });
    expect((await post('http://evil.example', token)).status()).toBe(403);
    expect((await post(site.url, null)).status()).toBe(403);
    expect((await post(site.url, 'made-up')).status()).toBe(403);
    expect(await verdictsOf(row)).toEqual([]);
    expect((await post(site.url, token)).status()).toBe(303);
    expect(await verdictsOf(row)).toHaveLength(1);
  });

  test('who is not signed in is asked to, and comes back to the batch', async () => {
    const [row] = (await payments('1.00', '2.00')) as [ApprovalRow];
    const { page, goto } = await someone({});
    await goto(batchOf(row));
    await signIn(page, 'approver');
    expect(page.url()).toBe(`${site.url}${batchOf(row)}`);
  });
});

describe('what people have said', () => {
  test('stands beside each choice: notes of colleagues, answers, and what was taken back', async () => {
    const [warned, other] = [await asked({ requirement: { quorum: 2 } }), await asked({ requirement: { quorum: 2 } })];
    const lead = await someone({ as: 'lead' });
    await lead.goto(`/approvals/${warned.approvalId}`);
    await lead.page.locator('#ask summary').click();
    await lead.page.locator('#note-text').fill('Do not approve: <b>the account</b> is \u202enot theirs.');
    await lead.page.getByRole('button', { name: 'Add the note' }).click();
    await lead.page.locator('.notes li').first().waitFor();
    const approver2 = await someone({ as: 'approver2' });
    await approver2.goto(`/approvals/${warned.approvalId}`);
    await approver2.page.getByRole('button', { name: 'Approve', exact: true }).click();
    await approver2.page.getByRole('button', { name: 'Take my answer back' }).click();
    await approver2.page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    const { page, goto } = await someone({ as: 'approver' });
    await goto(batchOf(other));
    const said = await page.locator(`#${warned.approvalId}`).innerText();
    expect(said).toContain('Do not approve: <b>the account</b> is');
    expect(said).toMatch(/Approved, taken back/i);
    expect(await page.locator(`#${warned.approvalId} .notes b`).count()).toBe(0);
    expect(await page.locator(`#${other.approvalId} .notes, #${other.approvalId} .answers`).count()).toBe(0);
  });
});

describe('the way to a batch', () => {
  test('is offered by the inbox and by the page of each, where several are asked of the viewer', async () => {
    const rows = await payments(...Array.from({ length: 30 }, (_, index) => `${index + 1}.00`));
    const [first] = rows as [ApprovalRow];
    const approver = await someone({ as: 'approver' });
    await approver.goto('/approvals?asked=me');
    await approver.page.getByRole('link', { name: 'Answer 30 like this together' }).click();
    expect(await idsOn(approver.page)).toContain(first.approvalId);
    await approver.goto(`/approvals/${first.approvalId}`);
    await approver.page.getByRole('link', { name: 'Answer 30 like this together' }).click();
    expect(approver.page.url()).toBe(`${site.url}${batchOf(first)}`);
    const auditor = await someone({ as: 'auditor' });
    await auditor.goto('/approvals');
    expect(await auditor.page.locator('.alike').count()).toBe(0);
    await auditor.goto(`/approvals/${first.approvalId}`);
    expect(await auditor.page.locator('.crumb-more').count()).toBe(0);
    await auditor.goto(batchOf(first));
    expect(await auditor.page.locator('.batch-items').count()).toBe(0);
  });

  test('keeps its number while the inbox is open', async () => {
    const rows = await payments(...Array.from({ length: 40 }, (_, index) => `${index + 1}.00`));
    const { page, goto } = await someone({ as: 'approver2' });
    await goto('/approvals');
    await page.getByRole('link', { name: 'Answer 40 like this together' }).waitFor();
    const { approvalId, runId } = rows[0] as ApprovalRow;
    const at = new Date(site.clock.now()).toISOString();
    const { callId, tool, envelopeRef, actionDigest } = rows[0] as ApprovalRow;
    const body = { approvalId, state: 'withdrawn', callId, tool, envelopeRef, actionDigest } as const;
    await site.records.storage.approvals.close('default', approvalId, 'withdrawn', at, [
      recordOf('approval-closed', { tenant: 'default', runId }, approvalId, at, body),
    ]);
    await expect.poll(() => page.getByRole('link', { name: 'Answer 39 like this together' }).count(), patience).toBe(1);
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colours) => {
  test.each([1_200, 360])('a batch and what became of it pass axe at %d px and fit their width', async (width) => {
    const rows = await payments('1200.00', '310.50');
    const odd = await asked({
      args: { ...payment, supplierId: 'N\u043erdic\u200b Ltd', iban: 'x'.repeat(200), reference: 'long '.repeat(600) },
      facts: { ibanOfSupplier: false },
    });
    const { page, goto, axe } = await someone({ as: 'approver', colours, width });
    const check = async (what: string) => {
      expect([what, await axe()]).toEqual([what, []]);
      expect([what, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([what, width]);
    };
    await goto(batchOf(odd));
    await check('as it is opened');
    for (const summary of await page.locator('.batch-action summary').all()) await summary.click();
    await choose(page, odd, 'refuse');
    await choose(page, rows[0] as ApprovalRow, 'agree');
    await check('with everything open and chosen');
    await page.locator('#batch-button').click();
    await page.waitForURL(/sent/);
    await check('what became of it');
    await goto('/approvals/batch');
    await check('like nothing');
  });
});
