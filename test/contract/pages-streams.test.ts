import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('a stream says at once that it is time to look, for what came between the page and it', async () => {
  const answer = await changes(cookie, { signal: AbortSignal.timeout(5_000) });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('event: changed')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  expect(text).toContain('event: changed');
});
