import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const storedIn = async (runId: string) => site.records.storage.steering.ofRun('default', runId, 0);

describe.each(['on', 'off'] as const)('with script %s', (javaScript) => {
  test('the initiator says something to his run beside the form that stops it, and reads it there', async () => {
    const runId = `steered-script-${javaScript}`;
    await seedRun(site, runId);
    const { page, goto, axe, complaints, leave } = await visitor(browser, site.url, { as: 'initiator', javaScript });
    await goto(`/runs/${runId}`);
    await page.locator('#steer summary').click();
    await page.locator('#steer-text').fill('Leave Helvaris\nfor <b>tomorrow</b>.');
    if (javaScript === 'on') expect(await axe()).toEqual([]);
    await page.locator('#steer button').click();
    const said = page.locator('.steering blockquote');
    await said.waitFor();
    expect(new URL(page.url()).pathname).toBe(`/runs/${runId}`);
    expect(await said.innerText()).toContain('<b>tomorrow</b>');
    expect(await page.locator('.steering figcaption').innerText()).toMatch(/Ines Initiator.*the next turn reads it/);
    if (javaScript === 'on') expect(await axe()).toEqual([]);
    expect((await storedIn(runId)).map(({ signed }) => signed.message.author)).toEqual(['initiator']);
    expect(complaints).toEqual([]);
    await leave();
  });
});

describe('the form', () => {
  test('is offered to nobody but the initiator, and a post by somebody else is refused', async () => {
    await seedRun(site, 'not-yours');
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'admin' });
    await goto('/runs/not-yours');
    expect(await page.locator('#cancel').count()).toBe(1);
    expect(await page.locator('#steer').count()).toBe(0);
    const csrf = await page.locator('#cancel input[name="csrf"]').getAttribute('value');
    const response = await page.evaluate(
      async (token) =>
        (
          await fetch('/runs/not-yours/steer', {
            method: 'POST',
            body: new URLSearchParams({ csrf: token ?? '', text: 'x' }),
          })
        ).status,
      csrf,
    );
    expect(response).toBe(403);
    expect(await storedIn('not-yours')).toEqual([]);
    await leave();
  });

  test('without its token is refused, and keeps what was written', async () => {
    await seedRun(site, 'no-token');
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'initiator', javaScript: 'on' });
    await goto('/runs/no-token');
    await page.evaluate("document.querySelector('#steer input[name=csrf]').value = 'forged'");
    await page.locator('#steer summary').click();
    await page.locator('#steer-text').fill('Hello.');
    await page.locator('#steer button').click();
    await page.locator('[role="alert"]').waitFor();
    expect(await storedIn('no-token')).toEqual([]);
    await leave();
  });

  test('sent twice from one page is one message', async () => {
    await seedRun(site, 'twice');
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'initiator', javaScript: 'off' });
    await goto('/runs/twice');
    const fields = async (name: string) =>
      (await page.locator(`#steer input[name="${name}"]`).getAttribute('value')) ?? '';
    const form = { csrf: await fields('csrf'), key: await fields('key'), text: 'Once.' };
    for (let count = 0; count < 2; count += 1) {
      await page.request.post(`${site.url}/runs/twice/steer`, { form, headers: { origin: site.url } });
    }
    expect(await storedIn('twice')).toHaveLength(1);
    await leave();
  });

  test('is gone when the run has ended, and says that nobody read what came too late', async () => {
    await seedRun(site, 'ended');
    const { page, goto, leave } = await visitor(browser, site.url, { as: 'initiator', javaScript: 'off' });
    await goto('/runs/ended');
    await page.locator('#steer summary').click();
    await page.locator('#steer-text').fill('Too late?');
    await page.locator('#steer button').click();
    await page.locator('.steering').waitFor();
    const at = new Date(site.clock.now()).toISOString();
    const run = { tenant: 'default', runId: 'ended' };
    const end = { state: 'cancelled' } as const;
    const record = { recordKey: 'ended/closed', ...run, kind: 'run-closed', occurredAt: at, body: { ...end } } as const;
    await site.records.storage.runs.close('default', 'ended', { ...end, at }, record);
    await goto('/runs/ended');
    expect(await page.locator('#steer').count()).toBe(0);
    expect(await page.locator('.steering figcaption').innerText()).toContain('not read: the run ended first');
    await leave();
  });
});
