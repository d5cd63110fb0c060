import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  admit,
  approvalOf,
  at,
  digest,
  later,
  type OpenedStorage,
  openStorage,
  recordOf,
  ref,
  reservationOf,
} from './storage-fixture.ts';

let storage: OpenedStorage;
let runs = 0;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

async function newRun(): Promise<string> {
  runs += 1;
  await admit(storage, `ledger-${runs}`);
  return `ledger-${runs}`;
}

async function kindsOf(runId: string): Promise<string[]> {
  return (await storage.outbox.ofRun('default', runId, 0, 1000)).map((record) => record.kind);
}

describe('a reservation', () => {
  test('writes the row and its records and counts the call', async () => {
    const run = await newRun();
    const reservation = reservationOf(run, 't1.0');
    expect(await storage.ledger.reserve(reservation, [recordOf(run, 'effect-reserved', 't1.0')])).toEqual({
      kind: 'reserved',
    });
    const standing = await storage.ledger.standing('default', run, reservation.key);
    expect(standing).toEqual({
      closed: false,
      hasEdits: false,
      calls: { 'invoices.schedule_payment': 1 },
      totalCalls: 1,
      spent: { modelCalls: 0, toolCalls: 1, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      row: {
        key: reservation.key,
        tenant: 'default',
        runId: run,
        tool: reservation.tool,
        actionDigest: reservation.actionDigest,
        state: 'reserved',
        attempts: 1,
        reservedAt: at,
      },
    });
    expect(await kindsOf(run)).toEqual(['run-started', 'effect-reserved']);
  });

  test('with a known key and digest counts the attempt and spends nothing', async () => {
    const run = await newRun();
    const reservation = reservationOf(run, 't1.0', { limits: { tool: 1, total: 1 } });
    await storage.ledger.reserve(reservation, []);
    expect(await storage.ledger.reserve(reservation, [])).toMatchObject({
      kind: 'known',
      row: { state: 'reserved', attempts: 2, reservedAt: at },
    });
    expect(await storage.ledger.standing('default', run)).toMatchObject({ totalCalls: 1 });
  });

  test('with a known key and another digest is a conflict and writes nothing', async () => {
    const run = await newRun();
    await storage.ledger.reserve(reservationOf(run, 't1.0'), []);
    const other = reservationOf(run, 't1.0', { actionDigest: digest('f') });
    expect(await storage.ledger.reserve(other, [recordOf(run, 'effect-reserved', 'other')])).toEqual({
      kind: 'digest-conflict',
    });
    expect(await kindsOf(run)).toEqual(['run-started']);
    expect((await storage.ledger.standing('default', run, other.key)).row).toMatchObject({
      actionDigest: digest('a'),
      attempts: 1,
    });
  });

  test.each([
    ['tool', { tool: 1, total: 9 }],
    ['total', { tool: 9, total: 1 }],
  ] as const)('over the limit of the %s writes nothing', async (limit, limits) => {
    const run = await newRun();
    await storage.ledger.reserve(reservationOf(run, 't1.0', { limits }), []);
    const outcome = await storage.ledger.reserve(reservationOf(run, 't1.1', { limits }), [
      recordOf(run, 'effect-reserved', 'x'),
    ]);
    expect(outcome).toEqual({ kind: 'limit-reached', limit });
    expect(await storage.ledger.ofRun('default', run)).toHaveLength(1);
    expect(await kindsOf(run)).toEqual(['run-started']);
  });

  test('of the answer spends nothing of the tools’ total', async () => {
    const run = await newRun();
    const limits = { tool: Number.MAX_SAFE_INTEGER, total: 1 };
    await storage.ledger.reserve(reservationOf(run, 't1.0', { limits }), []);
    const answer = reservationOf(run, 't2.0', { tool: 'run.answer', limits });
    expect(await storage.ledger.reserve(answer, [])).toEqual({ kind: 'reserved' });
    expect((await storage.runs.find('default', run))?.usage.toolCalls).toBe(1);
  });

  test('twenty at once on a budget of ten let exactly ten through', async () => {
    const run = await newRun();
    const limits = { tool: 10, total: 100 };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        storage.ledger.reserve(reservationOf(run, `t1.${index}`, { limits }), [
          recordOf(run, 'effect-reserved', `${index}`),
        ]),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'reserved')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome.kind === 'limit-reached')).toHaveLength(10);
    expect(await storage.ledger.ofRun('default', run)).toHaveLength(10);
    expect(await kindsOf(run)).toHaveLength(11);
  });

  test('is refused for a run that has ended or was never admitted, and a known key is not', async () => {
    const run = await newRun();
    await storage.ledger.reserve(reservationOf(run, 't1.0'), []);
    await storage.runs.close('default', run, { state: 'cancelled', at }, recordOf(run, 'run-closed', 'end'));
    expect(await storage.ledger.reserve(reservationOf(run, 't1.1'), [])).toEqual({ kind: 'run-closed' });
    expect(await storage.ledger.reserve(reservationOf(run, 't1.0'), [])).toMatchObject({ kind: 'known' });
    expect(await storage.ledger.reserve(reservationOf('nobody', 't1.0'), [])).toEqual({ kind: 'run-closed' });
    expect(await storage.ledger.standing('default', run)).toMatchObject({ closed: true, totalCalls: 1 });
    expect(await storage.ledger.standing('default', 'nobody')).toMatchObject({ closed: true, totalCalls: 0 });
  });

  test('under a key of another run is not possible', async () => {
    const run = await newRun();
    const foreign = reservationOf(run, 't1.0', { key: 'other/run/t1.0' });
    await expect(storage.ledger.reserve(foreign, [])).rejects.toMatchObject({ code: 'internal' });
    expect(await storage.ledger.standing('default', run)).toMatchObject({ totalCalls: 0 });
  });
});

describe('a reservation with an approval', () => {
  async function approvedRun(): Promise<{ run: string; approvalId: string }> {
    const run = await newRun();
    const approval = approvalOf(run, { approvalId: `apr_${runs.toString(16).padStart(32, '0')}` });
    await storage.approvals.open(approval, recordOf(run, 'approval-opened', 't1.0'));
    await storage.approvals.close('default', approval.approvalId, 'approved', later(1), [
      recordOf(run, 'approval-closed', 't1.0'),
    ]);
    return { run, approvalId: approval.approvalId };
  }

  test('consumes it once, in the same statement', async () => {
    const { run, approvalId } = await approvedRun();
    const first = reservationOf(run, 't1.0', { approvalId, nonces: ['n1', 'n1'] });
    expect(await storage.ledger.reserve(first, [])).toEqual({ kind: 'reserved' });
    expect(await storage.approvals.find('default', approvalId)).toMatchObject({
      state: 'consumed',
      closedAt: later(1),
    });
    const second = reservationOf(run, 't1.1', { approvalId });
    expect(await storage.ledger.reserve(second, [recordOf(run, 'effect-reserved', 't1.1')])).toEqual({
      kind: 'approval-spent',
    });
    expect(await storage.ledger.reserve(first, [])).toMatchObject({ kind: 'known', row: { approvalId } });
    expect(await storage.ledger.standing('default', run)).toMatchObject({ totalCalls: 1 });
  });

  test('needs it approved, of this run and of this action', async () => {
    const { run, approvalId } = await approvedRun();
    const other = await approvedRun();
    const pending = approvalOf(run, { approvalId: `apr_${'f'.repeat(30)}${runs.toString(16).padStart(2, '0')}` });
    await storage.approvals.open(pending, recordOf(run, 'approval-opened', 'pending'));
    const refused = [
      reservationOf(run, 't1.0', { approvalId: other.approvalId }),
      reservationOf(run, 't1.0', { approvalId, actionDigest: digest('e') }),
      reservationOf(run, 't1.0', { approvalId: pending.approvalId }),
      reservationOf(run, 't1.0', { approvalId: 'apr_unknown' }),
    ];
    for (const reservation of refused)
      expect(await storage.ledger.reserve(reservation, [])).toEqual({ kind: 'approval-spent' });
    expect(await storage.ledger.ofRun('default', run)).toEqual([]);
    expect(await storage.approvals.find('default', approvalId)).toMatchObject({ state: 'approved' });
  });

  test('spends each nonce once ever', async () => {
    const { run, approvalId } = await approvedRun();
    await storage.ledger.reserve(reservationOf(run, 't1.0', { nonces: ['nonce-x'] }), []);
    const again = reservationOf(run, 't1.1', { approvalId, nonces: ['nonce-y', 'nonce-x'] });
    expect(await storage.ledger.reserve(again, [])).toEqual({ kind: 'approval-spent' });
    expect(await storage.approvals.find('default', approvalId)).toMatchObject({ state: 'approved' });
    const fresh = reservationOf(run, 't1.1', { approvalId, nonces: ['nonce-y'] });
    expect(await storage.ledger.reserve(fresh, [])).toEqual({ kind: 'reserved' });
  });

  test('over the limit leaves it approved', async () => {
    const { run, approvalId } = await approvedRun();
    const reservation = reservationOf(run, 't1.0', { approvalId, limits: { tool: 0, total: 5 } });
    expect(await storage.ledger.reserve(reservation, [])).toEqual({ kind: 'limit-reached', limit: 'tool' });
    expect(await storage.approvals.find('default', approvalId)).toMatchObject({ state: 'approved' });
  });
});

describe('a settlement', () => {
  test.each([
    ['land', 'landed', 'effect-landed'],
    ['didNotHappen', 'did-not-happen', 'effect-did-not-happen'],
  ] as const)('%s writes outcome and records once', async (settle, state, kind) => {
    const run = await newRun();
    const { key } = reservationOf(run, 't1.0');
    await storage.ledger.reserve(reservationOf(run, 't1.0'), []);
    await storage.ledger[settle](key, ref('1'), later(1), [recordOf(run, kind, 'first')]);
    await storage.ledger[settle](key, ref('2'), later(2), [recordOf(run, kind, 'second')]);
    await storage.ledger.inDoubt(key, later(3), [recordOf(run, 'effect-in-doubt', 'late')]);
    const { row } = await storage.ledger.standing('default', run, key);
    expect(row).toMatchObject({ state, outcomeRef: ref('1'), settledAt: later(1) });
    expect(await kindsOf(run)).toEqual(['run-started', kind]);
  });

  test('that contradicts an earlier one fails and changes nothing', async () => {
    const run = await newRun();
    const { key } = reservationOf(run, 't1.0');
    await storage.ledger.reserve(reservationOf(run, 't1.0'), []);
    await storage.ledger.land(key, ref('1'), at, []);
    await expect(
      storage.ledger.didNotHappen(key, ref('2'), at, [recordOf(run, 'effect-did-not-happen', 'x')]),
    ).rejects.toMatchObject({ code: 'internal' });
    expect((await storage.ledger.standing('default', run, key)).row).toMatchObject({ state: 'landed' });
    expect(await kindsOf(run)).toEqual(['run-started']);
  });

  test('of what nobody reserved fails', async () => {
    await expect(storage.ledger.land('default/none/t1.0', ref('1'), at, [])).rejects.toMatchObject({
      code: 'internal',
    });
  });

  test('ends a doubt either way', async () => {
    const run = await newRun();
    for (const callId of ['t1.0', 't1.1']) {
      await storage.ledger.reserve(reservationOf(run, callId), []);
      await storage.ledger.inDoubt(`default/${run}/${callId}`, at, []);
    }
    await storage.ledger.land(`default/${run}/t1.0`, ref('1'), at, []);
    await storage.ledger.didNotHappen(`default/${run}/t1.1`, ref('1'), at, []);
    expect((await storage.ledger.ofRun('default', run)).map((row) => row.state)).toEqual(['landed', 'did-not-happen']);
  });
});
