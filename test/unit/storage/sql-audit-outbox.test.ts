import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/ports/session-store.port.ts';
import {
  admit,
  approvalOf,
  at,
  later,
  type OpenedStorage,
  openStorage,
  recordOf,
  verdictOf,
} from './storage-fixture.ts';

let storage: OpenedStorage;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

test('records come back in order with growing positions, a key only once', async () => {
  await storage.outbox.append([recordOf('r', 'model-called', '1'), recordOf('r', 'model-called', '2')]);
  await storage.outbox.append([
    recordOf('r', 'model-called', '2'),
    recordOf('r', 'model-called', '3'),
    recordOf('q', 'model-called', '1'),
  ]);
  await storage.outbox.append([]);
  const records = await storage.outbox.ofRun('default', 'r', 0, 10);
  expect(records.map((record) => record.body['name'])).toEqual(['1', '2', '3']);
  const positions = records.map((record) => record.position);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(records[0]).toEqual({
    ...recordOf('r', 'model-called', '1'),
    position: positions[0],
    keyId: expect.stringMatching(/^data-default-1-/),
  });
  expect(await storage.outbox.ofRun('default', 'r', positions[0] ?? 0, 1)).toEqual([records[1]]);
  expect(await storage.outbox.ofRun('other', 'r', 0, 10)).toEqual([]);
});

test('listeners are told of a run after the commit, until they unsubscribe', async () => {
  const told: string[] = [];
  const broken = storage.outbox.onAppend(() => {
    throw new Error('a listener’s own');
  });
  const unsubscribe = storage.outbox.onAppend((tenant, runId) => told.push(`${tenant}/${runId}`));
  await storage.outbox.append([recordOf('heard', 'model-called', '1'), recordOf('heard', 'model-called', '2')]);
  await admit(storage, 'heard-too');
  await pause(20);
  expect(told).toEqual(['default/heard', 'default/heard-too']);
  unsubscribe();
  broken();
  await storage.outbox.append([recordOf('heard', 'model-called', '3')]);
  await pause(20);
  expect(told).toHaveLength(2);
});

test('a changed or moved record does not verify', async () => {
  await storage.outbox.append([recordOf('moved', 'model-called', '1')]);
  await storage.database.db
    .updateTable('audit_outbox')
    .set({ record_key: 'default/moved/model-called/2' })
    .where('run_id', '=', 'moved')
    .execute();
  await expect(storage.outbox.ofRun('default', 'moved', 0, 10)).rejects.toMatchObject({ code: 'undecodable' });
});

test('sessions live until they end or are swept', async () => {
  const session = (name: string, expiresAt: string) => ({
    idHash: name,
    subject: 'anna',
    tenant: 'default',
    csrfToken: 'token',
    createdAt: at,
    lastSeenAt: at,
    expiresAt,
  });
  const open = (opened: Session) =>
    storage.sessions.open({ session: opened, record: recordOf('', 'session-opened', opened.idHash) });
  await open(session('one', later(60)));
  expect(await storage.sessions.find('one')).toEqual(session('one', later(60)));
  await storage.sessions.touch('one', later(5));
  expect(await storage.sessions.find('one')).toMatchObject({ lastSeenAt: later(5) });
  await open({ ...session('two', later(120)), createdAt: later(61) });
  expect(await storage.sessions.find('one')).toBeUndefined();
  await storage.sessions.end('two');
  expect(await storage.sessions.find('two')).toBeUndefined();
});

test('no word of content or person lies in the database folder', async () => {
  await admit(storage, 'searched');
  const approval = approvalOf('searched', {
    reasons: [{ rule: 'r', message: 'planted-reason' }],
    initiator: 'planted-person',
    ownerGroup: 'planted-group',
  });
  await storage.approvals.open(approval, {
    ...recordOf('searched', 'approval-opened', 'x'),
    body: { by: 'planted-body' },
  });
  const signed = verdictOf(approval, 'planted-approver', `vrd_${'f'.repeat(32)}`);
  await storage.approvals.storeVerdict(
    { ...signed, verdict: { ...signed.verdict, reason: 'planted-words' } },
    at,
    recordOf('searched', 'verdict-given', 'x'),
  );
  const failure = { code: 'internal', message: 'planted-failure' } as const;
  await storage.runs.close(
    'default',
    'searched',
    { state: 'failed', at, failure },
    recordOf('searched', 'run-closed', 'x'),
  );
  const session = {
    idHash: 'h',
    subject: 'planted-subject',
    tenant: 'default',
    csrfToken: 'planted-token',
    createdAt: at,
    lastSeenAt: at,
    expiresAt: later(9),
  };
  const identity = {
    subject: 'planted-subject',
    displayName: 'planted-name',
    tenant: 'default',
    roles: ['planted-role'],
    groups: [],
    kind: 'person',
    acr: 'oidc',
  } as const;
  const person = { identity, learnedAt: at, refreshToken: 'planted-refresh' };
  await storage.sessions.open({ session, person, record: recordOf('', 'session-opened', 'h') });
  const pending = {
    purpose: 'sign-in',
    state: 'planted-state',
    nonce: 'planted-nonce',
    codeVerifier: 'planted-verifier',
    returnTo: '/',
  } as const;
  await storage.signIns.keep('hash', pending, { now: at, expiresAt: later(9) });
  const entries = await readdir(join(storage.folder, 'database'), { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
  expect(files.some((file) => file.includes('default/searched/run-closed/x'))).toBe(true);
  for (const word of ['planted-', 'anna@example.test']) expect(files.some((file) => file.includes(word))).toBe(false);
});
