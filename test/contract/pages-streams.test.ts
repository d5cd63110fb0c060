import { afterEach, beforeEach, expect, test } from 'vitest';
import { seedApproval, seedRun } from '../e2e/pages-seed.ts';
import { type PagesSite, startPagesSite } from '../e2e/pages-site.ts';
import { eventually } from '../support/eventually.ts';

let site: PagesSite;
let cookie = '';
let open = 0;
beforeEach(async () => {
  site = await startPagesSite();
  const { outbox } = site.records.storage;
  const subscribe = outbox.onAppend;
  open = 0;
  outbox.onAppend = (listener) => {
    open += 1;
    const unsubscribe = subscribe(listener);
    return () => {
      open -= 1;
      unsubscribe();
    };
  };
  cookie = await signedIn('approver');
});
afterEach(() => site.stop());

async function signedIn(subject: string): Promise<string> {
  const answer = await fetch(`${site.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: `subject=${subject}`,
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const changes = (as: string, init: RequestInit = {}) =>
  fetch(`${site.url}/inbox/changes`, { ...init, headers: { cookie: as } });

test('one person holds a bounded number of inbox streams, and the next person is not refused', async () => {
  const aborts = new AbortController();
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => changes(cookie, { signal: aborts.signal }).then(({ status }) => status)),
  );
  expect(answers.filter((status) => status === 200)).toHaveLength(32);
  expect(answers.filter((status) => status === 429)).toHaveLength(8);
  expect((await changes(await signedIn('lead'), { signal: aborts.signal })).status).toBe(200);
  aborts.abort();
  await eventually(async () => (open === 0 ? true : undefined), 'all streams to end');
  expect((await changes(cookie, { signal: AbortSignal.timeout(500) })).status).toBe(200);
});

test('a question for the headers of a stream opens none', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => changes(cookie, { method: 'HEAD' })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await eventually(async () => (open === 0 ? true : undefined), 'no stream to be open');
});

test('a stream begins with what came after what the page showed, and goes on after what was seen', async () => {
  await seedRun(site, 'mailbox');
  const before = await site.records.storage.inbox.position();
  const rows = [
    await seedApproval(site, { runId: 'mailbox' }),
    await seedApproval(site, { runId: 'mailbox', index: 1 }),
  ];
  const first = await firstNews(`?since=${before}`, {});
  expect(rows.map(({ approvalId }) => shows(first, approvalId))).toEqual([true, true]);
  const [opened] = await site.records.storage.inbox.news('default', before, 1);
  const second = await firstNews(`?since=${before}`, { 'last-event-id': String(opened?.position) });
  expect(rows.map(({ approvalId }) => shows(second, approvalId))).toEqual([false, true]);
  expect(second.id).toBe(first.id);
});

test('a stream tells those rows only that its filters let pass, and names the others as gone', async () => {
  await seedRun(site, 'mailbox');
  const before = await site.records.storage.inbox.position();
  const high = await seedApproval(site, { runId: 'mailbox', risk: 'high' });
  const low = await seedApproval(site, { runId: 'mailbox', index: 1, risk: 'low' });
  const { data } = await firstNews(`?risk=low&since=${before}`, {});
  const { rows, gone } = JSON.parse(data) as { readonly rows: string; readonly gone: readonly string[] };
  expect(rows).toContain(low.approvalId);
  expect(rows).not.toContain(high.approvalId);
  expect(gone).toEqual([high.approvalId]);
});

/** As a row of its own; a line that offers to answer several together names one of them as well. */
function shows({ data }: { readonly data: string }, approvalId: string): boolean {
  const { rows } = JSON.parse(data) as { readonly rows: string };
  return rows.includes(`id="${approvalId}"`);
}

async function firstNews(query: string, headers: Record<string, string>): Promise<{ id: string; data: string }> {
  const answer = await fetch(`${site.url}/inbox/changes${query}`, {
    signal: AbortSignal.timeout(10_000),
    headers: { cookie, ...headers },
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/event: news[\s\S]*\n\n/.test(text)) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  const valueOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return { id: valueOf('id'), data: valueOf('data') };
}
