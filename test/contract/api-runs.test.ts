import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { openApproval } from './api-open-approval.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const request = { agent: 'invoice-desk', task: 'Pay the invoices.' };
const start = async (subject: string, body: unknown, headers: Record<string, string> = {}) =>
  send(`${api.url}/v1/runs`, { token: await api.token(subject), body, headers });

describe('starting a run', () => {
  test('admits it with a signed ticket and starts its workflow', async () => {
    const { status, body, headers } = await start('initiator', { ...request, runId: 'admitted' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe('/v1/runs/admitted');
    expect(body).toMatchObject({
      runId: 'admitted',
      workflowId: 'default/admitted',
      agent: 'invoice-desk',
      version: 1,
      state: 'running',
      pendingApprovals: 0,
    });
    expect(body['links']).toEqual({
      self: '/v1/runs/admitted',
      page: '/runs/admitted',
      temporal: 'http://localhost:8233/namespaces/default/workflows/default%2Fadmitted',
    });
    expect(api.engine.started).toContainEqual({
      tenant: 'default',
      runId: 'admitted',
      agent: 'invoice-desk',
      agentVersion: 1,
    });
    const row = await api.storage.runs.find('default', 'admitted');
    const { ticket, ...signature } = row?.signedTicket ?? expect.fail('no ticket');
    expect(ticket).toMatchObject({ initiator: 'initiator', initiatorKind: 'person', taskAuthority: 'principal' });
    expect(await api.keys.verify('ticket', canonicalJson({ ...ticket }), signature)).toBe(true);
  });

  test('by a service carries its task as data', async () => {
    await start('backend', { ...request, runId: 'by-service' });
    expect((await api.storage.runs.find('default', 'by-service'))?.signedTicket.ticket).toMatchObject({
      taskAuthority: 'data',
      initiatorKind: 'service',
    });
  });

  test('again with the same id and body is the same run, whatever the order of its fields', async () => {
    const body = { runId: 'twice', ...request, inputs: { a: 1, b: 2 } };
    expect((await start('initiator', body)).status).toBe(201);
    const again = await start('initiator', { inputs: { b: 2, a: 1 }, ...request, runId: 'twice' });
    expect({ status: again.status, runId: again.body['runId'] }).toEqual({ status: 200, runId: 'twice' });
    expect(api.engine.started.filter(({ runId }) => runId === 'twice')).toHaveLength(1);
  });

  test.each([
    ['another task', 'initiator', { task: 'Something else.' }],
    ['other inputs', 'initiator', { inputs: { a: 2 } }],
    ['another person', 'approver', {}],
  ])('with a known id and %s is a conflict', async (what, subject, change) => {
    const runId = `conflict-${what.replaceAll(' ', '-')}`;
    await start('initiator', { ...request, runId });
    expect(await start(subject, { ...request, runId, ...change })).toMatchObject({
      status: 409,
      body: { code: 'run-conflict' },
    });
  });

  test('without an id gets one from the engine, and with an idempotency key always the same', async () => {
    const plain = [await start('initiator', request), await start('initiator', request)];
    expect(new Set(plain.map(({ body }) => body['runId'])).size).toBe(2);
    const keyed = [
      await start('initiator', request, { 'idempotency-key': 'order-7' }),
      await start('initiator', request, { 'idempotency-key': 'order-7' }),
    ];
    expect(keyed.map(({ status }) => status)).toEqual([201, 200]);
    expect(keyed[0]?.body['runId']).toBe(keyed[1]?.body['runId']);
    const otherBody = await start('initiator', { ...request, task: 'Another.' }, { 'idempotency-key': 'order-7' });
    expect(otherBody).toMatchObject({ status: 409, body: { code: 'run-conflict' } });
    const otherCaller = await start('approver', request, { 'idempotency-key': 'order-7' });
    expect(otherCaller.status).toBe(201);
  });

  test('twenty times at once admits it once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => start('initiator', { ...request, runId: 'crowd' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(api.engine.started.filter(({ runId }) => runId === 'crowd')).toHaveLength(1);
  });

  test.each([
    [{ agent: 'nobody' }, 404, 'agent-not-found'],
    [{ version: 99 }, 404, 'agent-not-found'],
    [{ tenant: 'another' }, 403, 'forbidden'],
  ])('with %j is refused', async (change, status, code) => {
    expect(await start('initiator', { ...request, ...change })).toMatchObject({ status, body: { code } });
  });

  test('is refused by policy to who may not', async () => {
    const { status, body } = await start('auditor', request);
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'start-denied' });
    expect(body.errors?.[0]?.path).toBe('agent');
  });

  test.each<[unknown, string]>([
    [{ agent: 'invoice-desk' }, 'task'],
    [{ ...request, task: '' }, 'task'],
    [{ ...request, task: 'x'.repeat(20_001) }, 'task'],
    [{ ...request, runId: '../x' }, 'runId'],
    [{ ...request, runId: 'x'.repeat(65) }, 'runId'],
    [{ ...request, runId: '' }, 'runId'],
    [{ ...request, version: '1' }, 'version'],
    [{ ...request, agent: 'Invoice Desk' }, 'agent'],
    [{ ...request, model: 'other' }, 'model'],
    ['{"agent":"a","agent":"invoice-desk","task":"t"}', 'agent'],
    [`{"agent":"invoice-desk","task":"t","inputs":${'['.repeat(40)}${']'.repeat(40)}}`, `inputs${'/0'.repeat(32)}`],
    ['{"agent":"invoice-desk","task":"\\ud800"}', 'task'],
    ['', ''],
  ])('with the body %j is refused at its path', async (body, path) => {
    const answer = await start('initiator', body);
    expect({ status: answer.status, code: answer.body.code, path: answer.body.errors?.[0]?.path }).toEqual({
      status: 400,
      code: 'invalid-request',
      path,
    });
  });

  test('with a key that is not visible ASCII, or as another content type, is refused', async () => {
    expect(await start('initiator', request, { 'idempotency-key': 'a b' })).toMatchObject({ status: 400 });
    expect(await start('initiator', request, { 'content-type': 'text/plain' })).toMatchObject({
      status: 400,
      body: { code: 'invalid-request' },
    });
  });
});

describe('a crash between admission and workflow', () => {
  test('is mended by the same request', async () => {
    api.engine.reachable = false;
    const first = await start('initiator', { ...request, runId: 'unstarted' });
    api.engine.reachable = true;
    expect(first).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(api.engine.started.some(({ runId }) => runId === 'unstarted')).toBe(false);
    expect((await start('initiator', { ...request, runId: 'unstarted' })).status).toBe(200);
    expect(api.engine.started.some(({ runId }) => runId === 'unstarted')).toBe(true);
  });

  test('is mended by the sweep of the next start, and a run whose workflow was terminated is closed', async () => {
    api.engine.reachable = false;
    await start('initiator', { ...request, runId: 'swept' });
    api.engine.reachable = true;
    await start('initiator', { ...request, runId: 'terminated' });
    const question = await openApproval(api, { runId: 'terminated' });
    api.engine.states.set('terminated', 'closed');
    api.services.begin();
    await expect.poll(() => api.engine.started.map(({ runId }) => runId)).toContain('swept');
    const client = await api.as('initiator');
    await expect.poll(async () => (await client.runs.get('terminated')).state).toBe('failed');
    expect((await api.storage.approvals.find('default', question.approvalId))?.state).toBe('withdrawn');
  });
});

describe('a run', () => {
  test('waits while somebody is asked', async () => {
    const client = await api.as('initiator');
    await client.runs.start({ ...request, runId: 'waiting' });
    await openApproval(api, { runId: 'waiting' });
    expect(await client.runs.get('waiting')).toMatchObject({ state: 'waiting', pendingApprovals: 1 });
    const { items } = await client.approvals.list({ runId: 'waiting', state: 'pending' });
    expect(items.map(({ runId }) => runId)).toEqual(['waiting']);
  });

  test('that has ended shows its answer, its end and its failure', async () => {
    const client = await api.as('initiator');
    await client.runs.start({ ...request, runId: 'ended' });
    const outputRef = await api.blobs.put('default', 'answer', { text: 'All paid.' });
    const at = new Date(api.clock.now()).toISOString();
    const end = { state: 'completed', outputRef } as const;
    await api.storage.runs.close(
      'default',
      'ended',
      { ...end, at },
      recordOf('run-closed', { tenant: 'default', runId: 'ended' }, 'end', at, end),
    );
    expect(await client.runs.get('ended')).toMatchObject({
      state: 'completed',
      output: { text: 'All paid.' },
      closedAt: at,
    });
    await expect(client.runs.cancel('ended')).rejects.toMatchObject({ code: 'run-closed', status: 409 });
  });

  test('is cancelled by who started it, by its agent’s owners and by an administrator, and by nobody else', async () => {
    const approver = await api.as('approver');
    await approver.runs.start({ ...request, runId: 'cancelled' });
    for (const subject of ['approver2', 'auditor', 'lead', 'backend']) {
      await expect((await api.as(subject)).runs.cancel('cancelled')).rejects.toMatchObject({
        code: 'forbidden',
        status: 403,
      });
    }
    expect(api.engine.cancelled).not.toContain('cancelled');
    for (const subject of ['approver', 'initiator', 'admin']) await (await api.as(subject)).runs.cancel('cancelled');
    expect(api.engine.cancelled.filter((runId) => runId === 'cancelled')).toHaveLength(3);
  });

  test('whose id the engine has used up before is closed at once, and waits for nobody', async () => {
    api.engine.started.push({ tenant: 'default', runId: 'used-up', agent: 'invoice-desk', agentVersion: 1 });
    api.engine.states.set('used-up', 'closed');
    expect(await (await api.as('initiator')).runs.start({ ...request, runId: 'used-up' })).toMatchObject({
      state: 'failed',
    });
  });

  test('whose workflow was ended from outside is closed when somebody wants to stop it', async () => {
    const client = await api.as('initiator');
    await client.runs.start({ ...request, runId: 'ended-outside' });
    api.engine.states.set('ended-outside', 'closed');
    await expect(client.runs.cancel('ended-outside')).rejects.toMatchObject({ code: 'run-closed' });
    expect(await client.runs.get('ended-outside')).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
  });

  test.each(['nothing-here', '..', 'x'.repeat(65)])('%s is not found', async (runId) => {
    const token = await api.token('initiator');
    expect(await send(`${api.url}/v1/runs/${encodeURIComponent(runId)}`, { token })).toMatchObject({ status: 404 });
  });

  test('is listed newest first, page by page, each once', async () => {
    const client = await api.as('initiator');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.runs.list({ limit: 5, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.items.map(({ runId }) => runId));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen)).toEqual(new Set(api.engine.started.map(({ runId }) => runId)));
  });

  test.each(['limit=0', 'limit=201', 'limit=1&limit=2', 'page=1', 'cursor=%00', 'limit=x'])(
    'is not listed with the query %s',
    async (query) => {
      const token = await api.token('initiator');
      expect(await send(`${api.url}/v1/runs?${query}`, { token })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    },
  );
});
