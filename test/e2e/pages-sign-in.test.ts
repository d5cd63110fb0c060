import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { seedApproval, seedRun } from './pages-seed.ts';
import { type PagesSite, startPagesSite } from './pages-site.ts';
import { signIn, visitor } from './pages-visitor.ts';

let site: PagesSite;
let browser: Browser;
let elsewhere: Server;
let elsewherePage = '';
let elsewhereUrl = '';

beforeAll(async () => {
  [site, browser] = await Promise.all([startPagesSite(), launchBrowser()]);
  await seedRun(site, 'mailbox');
  elsewhere = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(elsewherePage));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  await browser?.close();
  elsewhere?.close();
  await site?.stop();
});

const send = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${site.url}${path}`, { redirect: 'manual', ...init });
const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
  headers: { 'sec-fetch-site': 'same-origin', ...headers },
});

async function cookieOf(subject: string): Promise<string> {
  const answer = await send('/login', form({ subject }));
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function tokenOf(cookie: string): Promise<string> {
  const page = await (await send('/approvals', { headers: { cookie } })).text();
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

describe('signing in', () => {
  test('who is not signed in is asked to, and then sees what he asked for', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox' });
    const { page, goto, leave } = await visitor(browser, site.url);
    await goto(`/approvals/${approvalId}`);
    expect(new URL(page.url()).pathname).toBe('/login');
    await signIn(page, 'approver');
    expect(new URL(page.url()).pathname).toBe(`/approvals/${approvalId}`);
    await leave();
  });

  test('the cookie is out of reach of scripts and other sites', async () => {
    const answer = await send('/login', form({ subject: 'approver' }));
    const attributes = (answer.headers.get('set-cookie') ?? '').split('; ').slice(1);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/']));
    expect(attributes.some((attribute) => /^Domain=/i.test(attribute))).toBe(false);
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/.//evil.example', 'javascript:alert(1)'])(
    'after it nobody is sent to %s',
    async (to) => {
      const answer = await send('/login', form({ subject: 'approver', to }));
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/approvals']);
    },
  );

  test('signing in again gives a new session and ends the old one', async () => {
    const old = await cookieOf('approver');
    const again = await send('/login', form({ subject: 'approver' }, { cookie: old }));
    expect(again.headers.get('set-cookie')?.split(';')[0]).not.toBe(old);
    expect((await send('/approvals', { headers: { cookie: old } })).status).toBe(303);
  });

  test('a session id that somebody made up is never taken over', async () => {
    const planted = `countersign=${'A'.repeat(43)}`;
    const answer = await send('/login', form({ subject: 'approver' }, { cookie: planted }));
    expect(answer.headers.get('set-cookie')).not.toContain('A'.repeat(43));
    expect((await send('/approvals', { headers: { cookie: planted } })).status).toBe(303);
  });

  test('signing out ends the session on the server', async () => {
    const cookie = await cookieOf('approver');
    const answer = await send('/logout', form({ csrf: await tokenOf(cookie) }, { cookie }));
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await send('/approvals', { headers: { cookie } })).status).toBe(303);
  });

  test('an unknown person is nobody', async () => {
    expect((await send('/login', form({ subject: 'nobody' }))).status).toBe(401);
  });

  test('a link in a mail opens the approval without signing in again', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 1 });
    const { page, leave } = await visitor(browser, site.url, { as: 'approver' });
    elsewherePage = `<!doctype html><a href="${site.url}/approvals/${approvalId}">Please look</a>`;
    await page.goto(elsewhereUrl);
    await page.locator('a').click();
    await page.locator('button[value="approve"]').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/approvals/${approvalId}`);
    await leave();
  });
});

describe('forms from elsewhere', () => {
  test('a page of another site cannot answer for whoever is signed in', async () => {
    const { approvalId, actionDigest } = await seedApproval(site, { runId: 'mailbox', index: 2 });
    const { page, leave } = await visitor(browser, site.url, { as: 'approver' });
    elsewherePage = `<!doctype html><form method="post" action="${site.url}/approvals/${approvalId}/verdicts">
      <input name="actionDigest" value="${actionDigest}"><input name="verdict" value="approve"><button>Win</button></form>`;
    await page.goto(elsewhereUrl);
    await Promise.all([page.waitForURL(`${site.url}/**`), page.locator('button').click()]);
    expect(await site.records.storage.approvals.verdicts('default', approvalId)).toEqual([]);
    await leave();
  });

  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a sister site', { 'sec-fetch-site': 'same-site' }],
    ['with another origin', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
  ])('a verdict %s is refused though cookie and token are right', async (_from, headers) => {
    const { approvalId, actionDigest } = await seedApproval(site, { runId: 'mailbox', index: 3 });
    const cookie = await cookieOf('approver');
    const fields = { csrf: await tokenOf(cookie), actionDigest, verdict: 'approve' };
    expect((await send(`/approvals/${approvalId}/verdicts`, form(fields, { cookie, ...headers }))).status).toBe(403);
    expect(await site.records.storage.approvals.verdicts('default', approvalId)).toEqual([]);
  });

  test.each([
    ['no token', undefined],
    ['the token of another session', 'other'],
  ])('a verdict with %s is refused', async (_what, token) => {
    const { approvalId, actionDigest } = await seedApproval(site, { runId: 'mailbox', index: 4 });
    const cookie = await cookieOf('approver');
    const csrf = token === undefined ? '' : await tokenOf(await cookieOf('approver2'));
    expect(
      (await send(`/approvals/${approvalId}/verdicts`, form({ csrf, actionDigest, verdict: 'approve' }, { cookie })))
        .status,
    ).toBe(403);
    expect(await site.records.storage.approvals.verdicts('default', approvalId)).toEqual([]);
  });

  test('signing in and out cannot be done from elsewhere', async () => {
    const cookie = await cookieOf('approver');
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await send('/login', form({ subject: 'admin' }, foreign))).status).toBe(403);
    expect((await send('/logout', form({ csrf: await tokenOf(cookie) }, { cookie, ...foreign }))).status).toBe(403);
    expect((await send('/approvals', { headers: { cookie } })).status).toBe(200);
  });

  test('a field that comes twice, another content type and an endless form are refused', async () => {
    const cookie = await cookieOf('approver');
    const csrf = await tokenOf(cookie);
    const path = '/logout';
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const typed = (body: string, type: string) =>
      send(path, { method: 'POST', body, headers: { ...headers, 'content-type': type } });
    expect((await typed(`csrf=${csrf}&csrf=x`, 'application/x-www-form-urlencoded')).status).toBe(400);
    expect((await typed(JSON.stringify({ csrf }), 'application/json')).status).toBe(400);
    expect((await typed(`csrf=${'x'.repeat(300_000)}`, 'application/x-www-form-urlencoded')).status).toBe(413);
  });
});

describe('headers', () => {
  test.each(['/login', '/approvals', '/runs/mailbox', '/nothing-here', '/approvals/fragment'])(
    '%s is answered under the policy of the pages',
    async (path) => {
      const cookie = await cookieOf('approver');
      const { headers } = await send(path, { headers: { cookie, accept: 'text/html' } });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "form-action 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
        ]),
      );
      expect(policy).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toBeNull();
    },
  );

  test('without a session a live part answers 401, and its stream too', async () => {
    const { approvalId } = await seedApproval(site, { runId: 'mailbox', index: 5 });
    for (const path of [
      '/inbox/fragment',
      '/inbox/changes',
      '/runs/mailbox/fragment',
      `/approvals/${approvalId}/fragment`,
    ]) {
      expect((await send(path)).status).toBe(401);
    }
  });

  test('what does not exist is a page for people and a problem document for programs', async () => {
    const page = await send('/nothing-here', { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    const problem = await send('/nothing-here', { headers: { accept: 'application/json' } });
    expect([problem.status, problem.headers.get('content-type')?.split(';')[0]]).toEqual([
      404,
      'application/problem+json',
    ]);
  });
});
