import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { launchBrowser } from '../setup/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { visitor } from './pages-visitor.ts';

const pay = {
  name: 'pay',
  effect: 'irreversible',
  args: { amount: 'route' },
  inputSchema: {
    type: 'object',
    properties: { amount: { type: 'number' }, note: { type: 'string' } },
    required: ['amount'],
  },
  run: () => ({ paid: true }),
} as const;

const asking = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

/** Markup, and characters that turn the direction of what follows. */
const deceiving = '</textarea><script>document.title = "owned"</script> \u202e21';

let governed: Governed;
let browser: Browser;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 2 }), [call('desk__pay', { amount: 12, note: deceiving }), say('Done.')]);
  [governed, browser] = await Promise.all([startGoverned({ tools: [pay], policy: asking, script }), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await governed?.stop();
});

test('an approval given in the browser lets the real run act once, and both open pages tell so by themselves', async () => {
  const initiator = await governed.as('initiator');
  await initiator.runs.start({ runId: 'browser-run', agent: 'tester', task: 'pay' });
  const approval = await eventually(
    async () => (await initiator.approvals.list({ state: 'pending' })).items[0],
    'a pending approval',
    60_000,
  );
  const [approver, onlooker] = [
    await visitor(browser, governed.api.url, { as: 'approver' }),
    await visitor(browser, governed.api.url, { as: 'auditor' }),
  ];
  await onlooker.goto('/runs/browser-run');
  await onlooker.page.locator('.entry.wait').waitFor();
  await approver.goto(`/approvals/${approval.approvalId}`);
  await approver.page.locator('button[value="approve"]').click();
  await approver.page.locator('#decision[data-key^="consumed"]').waitFor({ timeout: 60_000 });
  await onlooker.page.locator('#run[data-key*=".completed."]').waitFor({ timeout: 60_000 });
  expect(await onlooker.page.locator('.entry.wait').count()).toBe(0);
  expect(governed.server.calls.map(({ args }) => args)).toEqual([{ amount: 12, note: deceiving }]);
  expect([...approver.complaints, ...onlooker.complaints]).toEqual([]);
});

test('an edit without script: the form keeps what was wrong, shows what changed, and asks somebody else', async () => {
  const initiator = await governed.as('initiator');
  await initiator.runs.start({ runId: 'edited-run', agent: 'tester', task: 'pay' });
  const approval = await eventually(
    async () => (await initiator.approvals.list({ state: 'pending', runId: 'edited-run' })).items[0],
    'a pending approval',
    60_000,
  );
  const editor = await visitor(browser, governed.api.url, { as: 'approver', javaScript: 'off' });
  const { page } = editor;
  const send = async (args: string) => {
    await page.locator('#edit-args').fill(args);
    await page.locator('button[value="edit"]').click();
  };
  await editor.goto(`/approvals/${approval.approvalId}`);
  await page.getByText('Change what will be sent instead').click();
  await page.locator('#edit-args').waitFor();
  const offered = await page.locator('#edit-args').inputValue();
  expect(JSON.parse(offered)).toEqual({ amount: 12, note: deceiving });
  expect(offered).toContain('\\u202e');
  await send('{ "amount": 7, ');
  expect(await page.locator('#edit-args').inputValue()).toBe('{ "amount": 7, ');
  await page.locator('.edit [role="alert"]').waitFor();
  await send('{ "amount": "seven" }');
  expect(await page.locator('.edit [role="alert"]').innerText()).toContain('args/amount');
  await page.locator('#edit-reason').fill('Only seven were ordered.');
  await send('{ "amount": 7, "note": "<b>seven</b>" }');
  const next = await eventually(
    async () => (await initiator.approvals.get(approval.approvalId)).supersededBy,
    'the question about the edit',
  );
  await editor.goto(`/approvals/${approval.approvalId}`);
  await page.locator(`a[href="/approvals/${next}"]`).click();
  expect(await page.locator('#changed').innerText()).toMatch(/amount\s+Before\s+12\s+Now\s+7/);
  expect(await page.locator('#changed').innerText()).toContain('<b>seven</b>');
  expect(await page.locator('button[name="verdict"]').count()).toBe(0);

  const other = await visitor(browser, governed.api.url, { as: 'approver2' });
  await other.goto(`/approvals/${next}`);
  expect(await other.axe()).toEqual([]);
  await other.goto(`/approvals/${next}/edit`);
  expect(await other.axe()).toEqual([]);
  await other.goto(`/approvals/${next}`);
  await other.page.locator('button[value="approve"]').click();
  await other.page.locator('#decision[data-key^="consumed"]').waitFor({ timeout: 60_000 });
  await other.goto('/runs/edited-run');
  expect(await other.page.locator('.entry.wait').count()).toBe(0);
  expect(governed.server.calls.at(-1)?.args).toEqual({ amount: 7, note: '<b>seven</b>' });
  expect([...editor.complaints, ...other.complaints]).toEqual([]);
});
