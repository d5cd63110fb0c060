import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { seedApproval, seedDelegation, seedRun } from './pages-seed.ts';
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

const dayMs = 86_400_000;
let calls = 0;

async function waiting(seeded: object = {}) {
  calls += 1;
  return seedApproval(site, { runId: 'mailbox', index: calls, ...seeded });
}

describe.each(['on', 'off'] as const)('with script %s', (javaScript) => {
  test('a person lends a role, his delegate answers in his own name, and it is ended again', async () => {
    const lender = await visitor(browser, site.url, { as: 'approver', javaScript });
    await lender.page.getByRole('link', { name: 'Delegations' }).click();
    await lender.page.getByLabel('Who may answer for you').selectOption('lead');
    expect(await lender.page.getByLabel('approver', { exact: true }).isChecked()).toBe(true);
    expect(await lender.page.getByLabel('admin').count()).toBe(0);
    await lender.page.getByLabel('1 week').check();
    await lender.page.getByLabel('Reason').fill('Holiday.');
    await lender.page.getByRole('button', { name: 'Lend' }).click();
    const row = lender.page.locator('.delegations .row').first();
    expect(await row.innerText()).toMatch(/Lea Lead.*In force[\s\S]*approver[\s\S]*Holiday\./);
    const [view] = await site.records.storage.delegations.list({ tenant: 'default', from: 'approver', limit: 1 });
    const { begins, ends } = view?.signed.delegation ?? expect.fail('nothing was stored');
    expect(Math.abs(Date.parse(ends) - Date.parse(begins) - 7 * dayMs)).toBeLessThan(1_000);

    const { approvalId } = await waiting();
    const delegate = await visitor(browser, site.url, { as: 'lead', javaScript });
    await delegate.goto('/delegations');
    expect(await delegate.page.locator('.delegations').innerText()).toContain('Ada Approver');
    await delegate.goto(`/approvals/${approvalId}`);
    expect(await delegate.page.locator('#decision').innerText()).toMatch(
      /You answer for Ada Approver \(approver\) \(until/,
    );
    await delegate.page.getByRole('button', { name: 'Approve', exact: true }).click();
    await delegate.page.getByText('Lea Lead (lead), for Ada Approver (approver)').waitFor();

    await lender.page.getByRole('button', { name: /^End/ }).first().click();
    await lender.page.getByText('Ended', { exact: true }).first().waitFor();
    await delegate.goto(`/approvals/${(await waiting()).approvalId}`);
    expect(await delegate.page.locator('#decision').innerText()).toContain('This is not for your roles.');
    expect([...lender.complaints, ...delegate.complaints]).toEqual([]);
    await Promise.all([lender.leave(), delegate.leave()]);
  });
});

test('what is wrong with a form is named, and the form stays as it was filled in', async () => {
  const { page, goto, axe, leave } = await visitor(browser, site.url, { as: 'approver2' });
  await goto('/delegations');
  await page.getByLabel('Who may answer for you').selectOption('auditor');
  await page.getByLabel('Until', { exact: true }).check();
  await page.getByLabel('Until, UTC').fill('2020-01-01T12:00');
  await page.getByLabel('Reason').fill('Too late.');
  await page.getByRole('button', { name: 'Lend' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('The end: must come after the begin.');
  expect(await page.getByLabel('Who may answer for you').inputValue()).toBe('auditor');
  expect(await page.getByLabel('Reason').inputValue()).toBe('Too late.');
  expect(await page.getByLabel('Until, UTC').inputValue()).toBe('2020-01-01T12:00');
  expect(await axe()).toEqual([]);
  await leave();
});

test('the page says why what was lent does not count, and who holds no role is offered no form', async () => {
  await seedDelegation(site, { from: 'approver', to: 'lead', roles: ['approver'] });
  await seedRun(site, 'own-run', 'approver');
  const lenders = await seedApproval(site, { runId: 'own-run', initiator: 'approver' });
  const steppedUp = await waiting({ requirement: { stepUp: true } });
  const { page, goto, leave } = await visitor(browser, site.url, { as: 'lead' });
  for (const [{ approvalId }, why] of [
    [lenders, 'started this run'],
    [steppedUp, 'nobody has proved who lent'],
  ] as const) {
    await goto(`/approvals/${approvalId}`);
    const text = await page.locator('#decision').innerText();
    expect(text).toContain('What was lent to you does not count here.');
    expect(text).toContain(why);
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
  }
  await leave();
});

test('the inbox offers a delegate what he may answer, and nothing else of his lender’s', async () => {
  await seedDelegation(site, { from: 'approver2', to: 'auditor', roles: ['approver'] });
  const mine = await waiting();
  const proved = await waiting({ requirement: { stepUp: true } });
  const { page, goto, leave } = await visitor(browser, site.url, { as: 'auditor' });
  await goto('/approvals?asked=me');
  const shown = await page.locator('main').innerHTML();
  expect(shown).toContain(mine.approvalId);
  expect(shown).not.toContain(proved.approvalId);
  await leave();
});

test('a form of another site lends nothing', async () => {
  const { page, goto, leave } = await visitor(browser, site.url, { as: 'approver' });
  await goto('/delegations');
  await page.evaluate(`document.querySelector('form.lend input[name="csrf"]').value = 'guessed'`);
  const before = await site.records.storage.delegations.list({ tenant: 'default', from: 'approver', limit: 50 });
  await page.getByLabel('Who may answer for you').selectOption('lead');
  await page.getByRole('button', { name: 'Lend' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('The form was not accepted.');
  const after = await site.records.storage.delegations.list({ tenant: 'default', from: 'approver', limit: 50 });
  expect(after).toHaveLength(before.length);
  await leave();
});
