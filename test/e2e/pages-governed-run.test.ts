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
  inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  run: () => ({ paid: true }),
} as const;

const asking = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"5m\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let governed: Governed;
let browser: Browser;

beforeAll(async () => {
  const script = scripted(mandate({ pay: 2 }), [call('desk__pay', { amount: 12 }), say('Done.')]);
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
  expect(governed.server.calls.map(({ args }) => args)).toEqual([{ amount: 12 }]);
  expect([...approver.complaints, ...onlooker.complaints]).toEqual([]);
});
