import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientId, clientSecret, startProvider, type TestProvider } from '../contract/oidc-provider.ts';
import { startTlsProxy, type TlsProxy } from '../fakes/tls-proxy.ts';
import { launchBrowser } from '../setup/browser.ts';
import { type StartedCommand, startCommand } from './countersign-process.ts';
import { visitor } from './pages-visitor.ts';
import { giveAuthenticator } from './virtual-authenticator.ts';

/** `countersign up` as a process of its own, with an identity provider, and TLS before it: as an operator has it. */
describe('countersign up behind a proxy', { timeout: 120_000 }, () => {
  let folder: string;
  let proxy: TlsProxy;
  let provider: TestProvider;
  let up: StartedCommand;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-proxy-'));
    proxy = await startTlsProxy();
    provider = await startProvider(`${proxy.url}/login/callback`);
    provider.accounts.set('ada', { name: 'Ada Approver', roles: ['approver'], groups: [] });
    up = startCommand(['up', '--json', '--data', join(folder, 'data'), '--port', '0'], {
      COUNTERSIGN_PUBLIC_URL: proxy.url,
      COUNTERSIGN_OIDC_ISSUER: provider.issuer,
      COUNTERSIGN_OIDC_CLIENT_ID: clientId,
      COUNTERSIGN_OIDC_CLIENT_SECRET: clientSecret,
      COUNTERSIGN_OIDC_STEP_UP: 'login',
    });
    proxy.forwardTo(Number(new URL(String((await up.event('ready'))['url'])).port));
    browser = await launchBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    up?.child.kill('SIGTERM');
    await up?.ended;
    await provider?.close();
    await proxy?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** At the pages of the provider. */
  async function signIn(page: Page, account: string): Promise<void> {
    await page.goto(`${proxy.url}/passkeys`);
    await page.locator('a[href^="/login/start"]').click();
    await page.locator('input[name="login"]').fill(account);
    await page.locator('input[name="password"]').fill('any');
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(`${proxy.url}/passkeys`);
  }

  test('a person signs in end to end, with cookies that only https may carry, and enrols a passkey of that name', async () => {
    const person = await visitor(browser, proxy.url, { certificates: 'any' });
    const { page, context } = person;
    const device = await giveAuthenticator(person);
    await signIn(page, 'ada');
    expect(await page.locator('.who').innerText()).toContain('Ada Approver');
    const cookies = (await context.cookies(proxy.url)).filter(({ name }) => name.includes('countersign'));
    expect(cookies).toMatchObject([{ name: '__Host-countersign', secure: true, httpOnly: true, sameSite: 'Strict' }]);
    await page.locator('form.enrol button').click();
    await page.locator('.passkeys .row').waitFor();
    expect(await page.locator('.passkeys .row').getAttribute('data-state')).toBe('waiting');
    await device.unplug();
    await page.locator('form[action="/logout"] button').click();
    await page.waitForURL(`${proxy.url}/login`);
    expect(await context.cookies(proxy.url)).not.toContainEqual(
      expect.objectContaining({ name: '__Host-countersign' }),
    );
    await person.leave();
    expect(person.complaints).toEqual([]);
  });

  test('a form of another origin is refused, also from the name that the server listens on', async () => {
    const post = (origin: string) =>
      fetch(`${String(up.events[0]?.['url'])}/logout`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: '',
      });
    for (const origin of ['https://evil.example', proxy.url]) expect((await post(origin)).status).toBe(403);
  });

  test('the log holds no name, token or secret', async () => {
    const log = await readFile(join(folder, 'data', 'countersign.log'), 'utf8');
    for (const secret of [clientSecret, 'Ada', 'id_token', 'code=']) expect(log).not.toContain(secret);
  });
});
