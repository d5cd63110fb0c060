import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/create-client.ts';
import { type TimelineItem, timelineItemSchema } from '../../src/contracts/http/timeline.schema.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { openApproval } from './api-open-approval.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi({ limits: { streams: 3 } });
});
afterAll(() => api.close());

const now = (): string => new Date(api.clock.now()).toISOString();

async function startRun(runId: string): Promise<void> {
  await (await api.as('initiator')).runs.start({ runId, agent: 'invoice-desk', task: 'Pay the invoices.' });
}

async function callModel(runId: string, turn: number): Promise<void> {
  const body = { turn, model: 'rehearsal', rehearsal: true, inputTokens: 10, outputTokens: 2, costMicroUsd: 0 };
  await api.storage.outbox.append([recordOf('model-called', { tenant: 'default', runId }, `t${turn}`, now(), body)]);
}

async function closeRun(runId: string): Promise<void> {
  const end = {
    state: 'completed',
    outputRef: await api.blobs.put('default', 'answer', { text: 'All paid.' }),
  } as const;
  await api.storage.runs.close(
    'default',
    runId,
    { ...end, at: now() },
    recordOf('run-closed', { tenant: 'default', runId }, 'end', now(), end),
  );
}

async function eventsOf(runId: string, lastEventId?: number): Promise<Response> {
  const headers = {
    authorization: `Bearer ${await api.token('auditor')}`,
    ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
  };
  return fetch(`${api.url}/v1/runs/${runId}/events`, { headers });
}

async function itemsOf(response: Response): Promise<TimelineItem[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('data: '));
  return blocks.map((block) => {
    const item = timelineItemSchema.parse(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? ''));
    expect(/^id: (.*)$/m.exec(block)?.[1]).toBe(String(item.position));
    expect(/^event: (.*)$/m.exec(block)?.[1]).toBe(item.event);
    return item;
  });
}

test('a whole run is told with what a reader needs, and the stream ends with it', async () => {
  await startRun('told');
  await callModel('told', 0);
  const row = await openApproval(api, { runId: 'told' });
  await (await api.as('approver')).approvals.decide(row.approvalId, {
    verdict: 'approve',
    actionDigest: row.actionDigest,
    reason: 'Fine.',
  });
  await closeRun('told');
  const response = await eventsOf('told');
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const items = await itemsOf(response);
  expect(items.map(({ event }) => event)).toEqual([
    'run-started',
    'model-called',
    'approval-opened',
    'verdict-given',
    'run-closed',
  ]);
  expect(items[0]).toMatchObject({ task: 'Pay the invoices.', initiator: 'initiator', agent: 'invoice-desk' });
  expect(items[2]).toMatchObject({
    args: { amount: '1200.00' },
    quorum: { needed: 1, roles: ['approver'] },
    reasons: [{ rule: 'over-the-limit' }],
  });
  expect(items[3]).toMatchObject({
    by: 'approver',
    verdict: 'approve',
    reason: 'Fine.',
    tool: 'invoices.schedule_payment',
  });
  expect(items[4]).toMatchObject({ state: 'completed', output: { text: 'All paid.' } });
});

test('records that are not public events are passed over', async () => {
  await startRun('private');
  const row = await openApproval(api, { runId: 'private' });
  await (await api.as('auditor')).approvals
    .decide(row.approvalId, { verdict: 'approve', actionDigest: row.actionDigest })
    .catch(() => undefined);
  await closeRun('private');
  const records = await api.storage.outbox.ofRun('default', 'private', 0, 100);
  expect(records.map(({ kind }) => kind)).toContain('verdict-refused');
  expect((await itemsOf(await eventsOf('private'))).map(({ event }) => event)).toEqual([
    'run-started',
    'approval-opened',
    'run-closed',
  ]);
});

test('a reader resumes after the last event it saw, and is told not to come back once it has seen the end', async () => {
  await startRun('resumed');
  await callModel('resumed', 0);
  await callModel('resumed', 1);
  await closeRun('resumed');
  const all = await itemsOf(await eventsOf('resumed'));
  for (const [index, { position }] of all.entries()) {
    const rest = await eventsOf('resumed', position);
    expect(rest.status).toBe(index === all.length - 1 ? 204 : 200);
    expect(await itemsOf(rest)).toEqual(all.slice(index + 1));
  }
});

test('a waiting reader learns of an event when it happens', async () => {
  await startRun('live');
  const seen: string[] = [];
  const reading = (async () => {
    for await (const item of (await api.as('initiator')).runs.events('live')) seen.push(item.event);
  })();
  await expect.poll(() => seen).toEqual(['run-started']);
  const before = performance.now();
  await callModel('live', 0);
  await expect.poll(() => seen, { interval: 10 }).toEqual(['run-started', 'model-called']);
  expect(performance.now() - before).toBeLessThan(3_000);
  await closeRun('live');
  await reading;
  expect(seen).toEqual(['run-started', 'model-called', 'run-closed']);
});

test('more events than one page holds come all, in order, each once', async () => {
  await startRun('long');
  for (let turn = 0; turn < 450; turn += 1) await callModel('long', turn);
  await closeRun('long');
  const items = await itemsOf(await eventsOf('long'));
  expect(items.flatMap((item) => (item.event === 'model-called' ? [item.turn] : []))).toEqual(
    Array.from({ length: 450 }, (_, turn) => turn),
  );
  expect(items.map(({ position }) => position)).toEqual(
    items.map(({ position }) => position).toSorted((a, b) => a - b),
  );
});

test('the client takes a lost connection up again without losing or repeating an event', async () => {
  await startRun('lossy');
  for (let turn = 0; turn < 6; turn += 1) await callModel('lossy', turn);
  await closeRun('lossy');
  let connections = 0;
  const lossy: typeof fetch = async (input, init) => {
    connections += 1;
    if (connections % 3 === 2) throw new TypeError('connection refused');
    const response = await fetch(input, init);
    if (response.body === null) return response;
    let left = 700;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.slice(0, left));
        left -= chunk.length;
        if (left <= 0) controller.error(new Error('cut'));
      },
    });
    return new Response(response.body.pipeThrough(cut), response);
  };
  const client = createClient({ baseUrl: api.url, token: await api.token('auditor'), fetch: lossy });
  const seen: TimelineItem[] = [];
  for await (const item of client.runs.events('lossy')) seen.push(item);
  expect(seen.map(({ event }) => event)).toEqual([
    'run-started',
    ...Array.from({ length: 6 }, () => 'model-called'),
    'run-closed',
  ]);
  expect(connections).toBeGreaterThan(3);
});

test('a run is waited for until it has ended', async () => {
  await startRun('awaited');
  const waiting = (await api.as('backend')).runs.wait('awaited');
  await pause(50);
  await closeRun('awaited');
  expect(await waiting).toMatchObject({ state: 'completed', output: { text: 'All paid.' } });
});

test('one identity holds a bounded number of streams, and gets a slot back when it lets one go', async () => {
  await startRun('crowded');
  const token = await api.token('lead');
  const held = [1, 2, 3].map(() => new AbortController());
  const open = async (signal: AbortSignal): Promise<number> =>
    (await fetch(`${api.url}/v1/runs/crowded/events`, { headers: { authorization: `Bearer ${token}` }, signal }))
      .status;
  expect(await Promise.all(held.map(({ signal }) => open(signal)))).toEqual([200, 200, 200]);
  for (const controller of held) controller.abort();
  await expect
    .poll(async () => {
      const gone = new AbortController();
      const status = await open(gone.signal);
      gone.abort();
      return status;
    })
    .toBe(200);
});

test('the stream over the bound is refused, and the next identity is not', async () => {
  await startRun('bounded');
  const token = await api.token('approver2');
  const gone = new AbortController();
  const open = async (bearer: string) =>
    fetch(`${api.url}/v1/runs/bounded/events`, { headers: { authorization: `Bearer ${bearer}` }, signal: gone.signal });
  const statuses = [];
  for (let stream = 0; stream < 4; stream += 1) statuses.push((await open(token)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect((await open(await api.token('admin'))).status).toBe(200);
  gone.abort();
});

test.each(['-1', 'x', '1e3', '1.5', '9'.repeat(16)])('the event id %s is refused', async (id) => {
  await startRun('told');
  const token = await api.token('auditor');
  const answer = await send(`${api.url}/v1/runs/told/events`, { token, headers: { 'last-event-id': id } });
  expect({ status: answer.status, path: answer.body.errors?.[0]?.path }).toEqual({
    status: 400,
    path: 'Last-Event-ID',
  });
});

test('a run that is not there has no events', async () => {
  expect((await eventsOf('nothing-here')).status).toBe(404);
  const client = await api.as('auditor');
  await expect(client.runs.events('nothing-here')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'run-not-found',
  });
});
