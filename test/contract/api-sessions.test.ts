import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

beforeEach(async () => {
  const admin = await api.as('admin');
  for (const { subject } of (await admin.sessions.list()).items) await admin.sessions.end({ subject });
});

async function signIn(subject: string): Promise<string> {
  const { setCookie } = await api.services.sessions.logIn(subject, new Request(`${api.url}/login`));
  return setCookie.split(';')[0] ?? '';
}

const isSignedIn = async (cookie: string) => (await send(`${api.url}/v1/runs`, { headers: { cookie } })).status === 200;

async function endRecords(): Promise<readonly unknown[]> {
  const records = await api.storage.outbox.ofRun('default', '', 0, 200);
  return records.filter(({ kind }) => kind === 'sessions-ended').map(({ body }) => body);
}

describe('an administrator', () => {
  test('sees who is signed in, and one person’s sessions', async () => {
    await signIn('approver');
    await signIn('approver');
    await signIn('lead');
    const admin = await api.as('admin');
    expect((await admin.sessions.list()).items.map(({ subject }) => subject).toSorted()).toEqual([
      'approver',
      'approver',
      'lead',
    ]);
    const { items } = await admin.sessions.list({ subject: 'approver' });
    expect(items).toHaveLength(2);
    expect(items[0]?.sessionId).toMatch(/^ses_[0-9a-f]{32}$/);
  });

  test('ends all sessions of a person at once, nobody else’s, and it is recorded', async () => {
    const [one, two, other] = [await signIn('approver'), await signIn('approver'), await signIn('approver2')];
    const before = (await endRecords()).length;
    expect(await (await api.as('admin')).sessions.end({ subject: 'approver' })).toEqual({ ended: 2 });
    expect(await Promise.all([one, two, other].map(isSignedIn))).toEqual([false, false, true]);
    expect((await endRecords()).slice(before)).toEqual([
      { subject: 'approver', by: 'admin', reason: 'ended-by-admin' },
    ]);
  });

  test('ends one session and leaves the others', async () => {
    const kept = await signIn('approver');
    const admin = await api.as('admin');
    const [first] = (await admin.sessions.list({ subject: 'approver' })).items;
    const ended = await signIn('approver');
    const added = (await admin.sessions.list({ subject: 'approver' })).items.find(
      ({ sessionId }) => sessionId !== first?.sessionId,
    );
    const sessionId = added?.sessionId ?? '';
    expect(await admin.sessions.end({ subject: 'lead', sessionId })).toEqual({ ended: 0 });
    expect(await admin.sessions.end({ subject: 'approver', sessionId })).toEqual({ ended: 1 });
    expect([await isSignedIn(kept), await isSignedIn(ended)]).toEqual([true, false]);
  });

  test('finds nothing to end, and nothing is recorded', async () => {
    const before = (await endRecords()).length;
    expect(await (await api.as('admin')).sessions.end({ subject: 'nobody' })).toEqual({ ended: 0 });
    expect(await endRecords()).toHaveLength(before);
  });

  test('does not see a session that was not used for the idle time', async () => {
    await signIn('lead');
    api.clock.advance(31 * 60_000);
    expect((await (await api.as('admin')).sessions.list()).items).toEqual([]);
  });
});

describe('nobody else', () => {
  test.each(['initiator', 'approver', 'auditor', 'backend'])('%s sees or ends a session', async (subject) => {
    const cookie = await signIn('lead');
    const client = await api.as(subject);
    await expect(client.sessions.list()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(client.sessions.end({ subject: 'lead' })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('an administrator’s cookie alone ends nothing', async () => {
    const cookie = await signIn('admin');
    const answer = await send(`${api.url}/v1/sessions/end`, { headers: { cookie }, body: { subject: 'admin' } });
    expect([answer.status, answer.body.code]).toEqual([403, 'csrf-refused']);
  });
});
