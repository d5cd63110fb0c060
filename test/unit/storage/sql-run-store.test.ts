import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nothingSpent } from '../../../src/domain/mandate.ts';
import {
  admit,
  at,
  digest,
  later,
  type OpenedStorage,
  openStorage,
  recordOf,
  ref,
  ticketOf,
} from './storage-fixture.ts';

let storage: OpenedStorage;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

describe('an admission', () => {
  test('creates the run once; the same again is the same, another request a conflict', async () => {
    const admission = { tenant: 'default', runId: 'one', requestDigest: digest('1'), signedTicket: ticketOf('one') };
    const record = recordOf('one', 'run-started', 'start');
    expect(await storage.runs.admit(admission, record)).toBe('created');
    expect(await storage.runs.admit(admission, record)).toBe('same');
    expect(
      await storage.runs.admit({ ...admission, requestDigest: digest('2') }, recordOf('one', 'run-started', 'other')),
    ).toBe('conflict');
    expect(await storage.outbox.ofRun('default', 'one', 0, 10)).toHaveLength(1);
    expect(await storage.runs.find('default', 'one')).toEqual({
      tenant: 'default',
      runId: 'one',
      agent: 'invoice-desk',
      agentVersion: 1,
      initiator: 'anna@example.test',
      signedTicket: ticketOf('one'),
      pendingApprovals: 0,
      usage: { modelCalls: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      startedAt: at,
    });
  });

  test('of ten at once creates one run', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => admit(storage, 'raced')));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'same')).toHaveLength(9);
  });

  test('of another tenant is another run', async () => {
    expect(await admit(storage, 'shared')).toBe('created');
    expect(await admit(storage, 'shared', 'other')).toBe('created');
    expect(await storage.runs.find('third', 'shared')).toBeUndefined();
  });
});

describe('the end of a run', () => {
  test('is the first one', async () => {
    await admit(storage, 'ended');
    const failure = { code: 'steps-exhausted', message: 'All 60 steps are used.' } as const;
    await storage.runs.close(
      'default',
      'ended',
      { state: 'failed', at: later(9), failure },
      recordOf('ended', 'run-closed', '1'),
    );
    await storage.runs.close(
      'default',
      'ended',
      { state: 'completed', at: later(10), outputRef: ref('1') },
      recordOf('ended', 'run-closed', '2'),
    );
    expect((await storage.runs.find('default', 'ended'))?.closed).toEqual({ state: 'failed', at: later(9), failure });
    expect((await storage.outbox.ofRun('default', 'ended', 0, 10)).map((record) => record.recordKey.at(-1))).toEqual([
      't',
      '1',
    ]);
  });

  test('of nobody’s run fails', async () => {
    const end = { state: 'completed', at } as const;
    await expect(
      storage.runs.close('default', 'ghost', end, recordOf('ghost', 'run-closed', '1')),
    ).rejects.toMatchObject({ code: 'run-not-found' });
    expect(await storage.outbox.ofRun('default', 'ghost', 0, 10)).toEqual([]);
  });

  test('takes it off the list of open runs', async () => {
    await admit(storage, 'open-one', 'opened', later(-5));
    await admit(storage, 'open-two', 'opened', later(-4));
    const openRuns = async () =>
      (await storage.runs.open(1000)).filter((run) => run.tenant === 'opened').map((run) => run.runId);
    expect(await openRuns()).toEqual(['open-one', 'open-two']);
    await storage.runs.close(
      'opened',
      'open-one',
      { state: 'completed', at, outputRef: ref('1') },
      recordOf('open-one', 'run-closed', '1', 'opened'),
    );
    expect(await openRuns()).toEqual(['open-two']);
  });
});

test('a list pages newest first within its tenant', async () => {
  for (let index = 0; index < 5; index += 1) await admit(storage, `page-${index}`, 'paged', later(index >> 1));
  const first = await storage.runs.list('paged', { limit: 3 });
  const second = await storage.runs.list('paged', { limit: 3, cursor: first.next ?? '' });
  expect([...first.items, ...second.items].map((run) => run.runId)).toEqual([
    'page-4',
    'page-3',
    'page-2',
    'page-1',
    'page-0',
  ]);
  expect(second.next).toBeUndefined();
});

describe('the mandate', () => {
  test('is frozen once, and the first is returned', async () => {
    await admit(storage, 'mandated');
    const budget = { steps: 1, toolCalls: 2, tokens: 3, costMicroUsd: 4 };
    const mandate = { tools: [{ name: 'a.b', maxCalls: 1 }], budget, expiresAt: at, rationale: 'why' };
    const sealed = {
      tenant: 'default',
      runId: 'mandated',
      mandate,
      seal: { keyId: 'mandate-1-00000000', signature: 's' },
    };
    const other = { ...sealed, mandate: { ...mandate, rationale: 'another' } };
    expect(await storage.mandates.find('default', 'mandated')).toBeUndefined();
    expect(await storage.mandates.freeze(sealed, recordOf('mandated', 'mandate-frozen', '1'))).toEqual(sealed);
    expect(await storage.mandates.freeze(other, recordOf('mandated', 'mandate-frozen', '2'))).toEqual(sealed);
    expect(await storage.mandates.find('default', 'mandated')).toEqual(sealed);
    expect((await storage.outbox.ofRun('default', 'mandated', 0, 10)).map((record) => record.kind)).toEqual([
      'run-started',
      'mandate-frozen',
    ]);
  });
});

describe('the turn journal', () => {
  const usage = { inputTokens: 3_000_000_000, outputTokens: 20, costMicroUsd: 7 };
  const entry = (runId: string, turn: number, outcomeRef = ref('1')) => ({
    tenant: 'default',
    runId,
    turn,
    transcriptDigest: digest('9'),
    outcomeRef,
    usage,
  });

  test('keeps the first answer of a turn and counts it once', async () => {
    await admit(storage, 'journaled');
    const spent = { modelCalls: 1, toolCalls: 0, ...usage };
    const untouched = { closed: false, hasEdits: false, calls: {}, totalCalls: 0, spent: nothingSpent };
    expect(await storage.journal.find('default', 'journaled', 1, digest('9'))).toEqual({
      standing: untouched,
      steeredTo: 0,
    });
    expect(await storage.journal.record(entry('journaled', 1), [recordOf('journaled', 'model-called', '1')])).toEqual({
      outcomeRef: ref('1'),
      spent,
    });
    expect(
      await storage.journal.record(entry('journaled', 1, ref('2')), [recordOf('journaled', 'model-called', 'x')]),
    ).toEqual({ outcomeRef: ref('1'), spent });
    const standing = { ...untouched, spent };
    expect(await storage.journal.find('default', 'journaled', 1, digest('9'))).toEqual({
      outcomeRef: ref('1'),
      standing,
      steeredTo: 0,
    });
    expect(await storage.journal.find('default', 'journaled', 1, digest('8'))).toEqual({ standing, steeredTo: 0 });
    expect(await storage.journal.find('default', 'ghost', 1, digest('9'))).toMatchObject({
      standing: { closed: true },
    });
    const second = await storage.journal.record(entry('journaled', 2), []);
    expect(second.spent).toEqual({
      modelCalls: 2,
      toolCalls: 0,
      inputTokens: 6_000_000_000,
      outputTokens: 40,
      costMicroUsd: 14,
    });
    expect(await storage.outbox.ofRun('default', 'journaled', 0, 10)).toHaveLength(2);
  });

  test('counts twenty turns that are recorded at once', async () => {
    await admit(storage, 'parallel');
    await Promise.all(
      Array.from({ length: 20 }, (_, turn) => storage.journal.record(entry('parallel', turn % 10), [])),
    );
    expect((await storage.runs.find('default', 'parallel'))?.usage.modelCalls).toBe(10);
  });

  test('of nobody’s run fails', async () => {
    await expect(storage.journal.record(entry('ghost', 1), [])).rejects.toMatchObject({ code: 'run-not-found' });
  });
});
