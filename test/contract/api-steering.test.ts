import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maxSteerLength } from '../../src/contracts/http/steering.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { maxUnreadSteerMessages } from '../../src/domain/steering.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';

let api: ApiHarness;
let runs = 0;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function started(initiator = 'initiator'): Promise<string> {
  runs += 1;
  const runId = `steering-${runs}`;
  await (await api.as(initiator)).runs.start({ runId, agent: 'invoice-desk', task: 'Pay the invoices.' });
  return runId;
}

const steer = async (runId: string, subject: string, body: unknown, headers: Record<string, string> = {}) =>
  send(`${api.url}/v1/runs/${runId}/steer`, { method: 'POST', token: await api.token(subject), body, headers });

const recordsOf = async (runId: string) => api.storage.outbox.ofRun('default', runId, 0, 200);

describe('a message of the principal to his run', () => {
  test('is stored sealed and signed with its place, recorded without its text, and the run is told', async () => {
    const runId = await started();
    const { status, body } = await steer(runId, 'initiator', { text: 'Leave Helvaris for tomorrow.' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ runId, position: 1, by: 'initiator', authority: 'principal', state: 'waiting' });
    const [stored] = await api.storage.steering.ofRun('default', runId, 0);
    const { message, ...signature } = stored?.signed ?? expect.fail('nothing was stored');
    expect(await api.keys.verify('steering', canonicalJson({ ...message }), signature)).toBe(true);
    expect(await api.keys.verify('steering', canonicalJson({ ...message, position: 2 }), signature)).toBe(false);
    const record = (await recordsOf(runId)).find(({ kind }) => kind === 'run-steered');
    expect(record?.body).toEqual({ steerId: body['steerId'], by: 'initiator', position: 1, textRef: message.textRef });
    expect(JSON.stringify(record)).not.toContain('Helvaris');
    await expect.poll(() => api.engine.steered).toContainEqual({ runId, steerId: body['steerId'] });
  });

  test('is read back in order, by everybody who may see the run', async () => {
    const runId = await started();
    const initiator = await api.as('initiator');
    for (const text of ['one', 'two', 'three']) await initiator.runs.steer(runId, text);
    const { items } = await (await api.as('auditor')).runs.steering(runId);
    expect(items.map(({ position, text }) => [position, text])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
  });

  test('is one message for one Idempotency-Key, and another text under it is a conflict', async () => {
    const runId = await started();
    const key = { 'idempotency-key': 'once' };
    const first = await steer(runId, 'initiator', { text: 'Wait.' }, key);
    const again = await steer(runId, 'initiator', { text: 'Wait.' }, key);
    expect(again).toMatchObject({ status: 202, body: { steerId: first.body['steerId'] } });
    expect(await steer(runId, 'initiator', { text: 'Go.' }, key)).toMatchObject({
      status: 409,
      body: { code: 'idempotency-conflict' },
    });
    expect((await (await api.as('initiator')).runs.steering(runId)).items).toHaveLength(1);
  });

  test('keeps its place where many are sent at once', async () => {
    const runId = await started();
    const initiator = await api.as('initiator');
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => initiator.runs.steer(runId, text)));
    const { items } = await initiator.runs.steering(runId);
    expect(items.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    expect(new Set(items.map(({ text }) => text)).size).toBe(4);
  });
});

describe('refusals, each recorded', () => {
  test.each(['approver', 'admin', 'lead', 'auditor', 'backend'])(
    '403: %s is not who started the run',
    async (subject) => {
      const runId = await started();
      expect(await steer(runId, subject, { text: 'Pay me.' })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
      const refused = (await recordsOf(runId)).filter(({ kind }) => kind === 'steering-refused');
      expect(refused.map(({ body }) => body)).toEqual([{ by: subject, code: 'forbidden' }]);
      expect(await api.storage.steering.ofRun('default', runId, 0)).toEqual([]);
    },
  );

  test('403: a service that may not speak for its principal, also to the run that it started', async () => {
    const runId = await started('backend');
    expect(await steer(runId, 'backend', { text: 'Pay.' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('401, 404: nobody, and no such run', async () => {
    const runId = await started();
    const url = `${api.url}/v1/runs/${runId}/steer`;
    expect(await send(url, { method: 'POST', body: { text: 'x' } })).toMatchObject({ status: 401 });
    expect(await steer('nowhere', 'initiator', { text: 'x' })).toMatchObject({ body: { code: 'run-not-found' } });
  });

  test('409: a run that has ended, whatever the body', async () => {
    const runId = await started();
    const at = new Date(api.clock.now()).toISOString();
    const end = { state: 'cancelled' } as const;
    const record = recordOf('run-closed', { tenant: 'default', runId }, 'end', at, end);
    await api.storage.runs.close('default', runId, { ...end, at }, record);
    expect(await steer(runId, 'initiator', '{')).toMatchObject({ status: 409, body: { code: 'run-closed' } });
  });

  test.each([
    ['no text', {}],
    ['an empty text', { text: '' }],
    ['white space', { text: ' \n\t ' }],
    ['a text over the limit', { text: 'x'.repeat(maxSteerLength + 1) }],
    ['another field', { text: 'x', authority: 'system' }],
    ['no JSON', '{'],
  ])('400: %s', async (_, body) => {
    const runId = await started();
    expect(await steer(runId, 'initiator', body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  test('409 beyond what may wait, 429 beyond the rate, and nothing more is stored', async () => {
    const runId = await started();
    const codes: unknown[] = [];
    for (let count = 0; count < maxUnreadSteerMessages + 3; count += 1) {
      const { status, body, headers } = await steer(runId, 'initiator', { text: `message ${count}` });
      codes.push(status === 202 ? 'stored' : body.code);
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(codes.filter((code) => code === 'stored')).toHaveLength(maxUnreadSteerMessages);
    expect(codes.at(-1)).toBe('rate-limited');
    api.clock.advance(60_000);
    const late = await steer(runId, 'initiator', { text: 'later' });
    expect(late).toMatchObject({ status: 409, body: { code: 'steering-exhausted' } });
    expect(await api.storage.steering.ofRun('default', runId, 0)).toHaveLength(maxUnreadSteerMessages);
  });

  test('a run that closes at the same moment takes it before its end or not at all', async () => {
    const runId = await started();
    const at = new Date(api.clock.now()).toISOString();
    const end = { state: 'completed' } as const;
    const record = recordOf('run-closed', { tenant: 'default', runId }, 'end', at, end);
    const [answer] = await Promise.all([
      steer(runId, 'initiator', { text: 'One more thing.' }),
      api.storage.runs.close('default', runId, { ...end, at }, record),
    ]);
    const stored = await api.storage.steering.ofRun('default', runId, 0);
    expect(stored).toHaveLength(answer.status === 202 ? 1 : 0);
    expect(await api.storage.steering.untaken(100)).not.toContainEqual(expect.objectContaining({ runId }));
  });
});
