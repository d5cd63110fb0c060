import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApprovalState } from '../../../src/domain/approval.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
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
let count = 0;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

const hex32 = (number: number) => number.toString(16).padStart(32, '0');
const verdictId = () => `vrd_${hex32((count += 1))}`;

async function opened(change: Partial<ApprovalRow> = {}): Promise<ApprovalRow> {
  count += 1;
  const run = change.runId ?? `approval-${count}`;
  await admit(storage, run);
  return storage.approvals.open(
    approvalOf(run, { approvalId: `apr_${hex32(count)}`, ...change }),
    recordOf(run, 'approval-opened', `${count}`),
  );
}

const given = (row: ApprovalRow, name: string) => recordOf(row.runId, 'verdict-given', name);
const closing = (row: ApprovalRow, name: string) => recordOf(row.runId, 'approval-closed', name);
const kindsOf = async (row: ApprovalRow) =>
  (await storage.outbox.ofRun('default', row.runId, 0, 100)).map((record) => record.kind);

describe('opening an approval', () => {
  test('stores the whole row, pending whatever it claims', async () => {
    const row = await opened({ state: 'approved' });
    expect(row).toEqual({ ...approvalOf(row.runId), approvalId: row.approvalId, state: 'pending' });
    expect((await storage.runs.find('default', row.runId))?.pendingApprovals).toBe(1);
  });

  test('again changes nothing and returns the row in force', async () => {
    const row = await opened();
    await storage.approvals.close('default', row.approvalId, 'rejected', later(1), [closing(row, 'x')]);
    const again = await storage.approvals.open(
      { ...row, initiator: 'mallory' },
      recordOf(row.runId, 'approval-opened', 'again'),
    );
    expect(again).toMatchObject({ state: 'rejected', initiator: row.initiator, closedAt: later(1) });
    expect(await kindsOf(row)).toEqual(['run-started', 'approval-opened', 'approval-closed']);
  });

  test('for a run that nobody admitted fails', async () => {
    await expect(
      storage.approvals.open(approvalOf('ghost'), recordOf('ghost', 'approval-opened', 'x')),
    ).rejects.toMatchObject({ code: 'run-not-found' });
  });
});

describe('a verdict', () => {
  test('is stored with its record, once a person', async () => {
    const row = await opened();
    const first = verdictOf(row, 'berta', verdictId());
    expect(await storage.approvals.storeVerdict(first, later(1), given(row, '1'))).toBe('stored');
    const other = verdictOf(row, 'berta', verdictId(), 'reject');
    expect(await storage.approvals.storeVerdict(other, later(2), given(row, '2'))).toBe('already-decided');
    expect(await storage.approvals.storeVerdict(verdictOf(row, 'carl', verdictId()), later(3), given(row, '3'))).toBe(
      'stored',
    );
    const verdicts = await storage.approvals.verdicts('default', row.approvalId);
    expect(verdicts[0]).toEqual({ signed: first, storedAt: later(1) });
    expect(verdicts.map((verdict) => verdict.signed.verdict.approver)).toEqual(['berta', 'carl']);
    expect((await kindsOf(row)).filter((kind) => kind === 'verdict-given')).toHaveLength(2);
  });

  test('that is stored again by a caller who crashed is stored once', async () => {
    const row = await opened();
    const signed = verdictOf(row, 'berta', verdictId());
    expect(await storage.approvals.storeVerdict(signed, later(1), given(row, '1'))).toBe('stored');
    expect(await storage.approvals.storeVerdict(signed, later(2), given(row, '1'))).toBe('stored');
    await storage.approvals.close('default', row.approvalId, 'approved', later(3), [closing(row, 'x')]);
    expect(await storage.approvals.storeVerdict(signed, later(4), given(row, '1'))).toBe('stored');
    expect(await storage.approvals.verdicts('default', row.approvalId)).toHaveLength(1);
  });

  test('after the end of the approval, or after its expiry, is not stored', async () => {
    const expired = await opened();
    expect(
      await storage.approvals.storeVerdict(
        verdictOf(expired, 'berta', verdictId()),
        expired.expiresAt,
        given(expired, '1'),
      ),
    ).toBe('closed');
    const withdrawn = await opened();
    await storage.approvals.close('default', withdrawn.approvalId, 'withdrawn', at, [closing(withdrawn, 'x')]);
    expect(
      await storage.approvals.storeVerdict(verdictOf(withdrawn, 'berta', verdictId()), at, given(withdrawn, '1')),
    ).toBe('closed');
    expect(await storage.approvals.verdicts('default', withdrawn.approvalId)).toEqual([]);
  });

  test('that races the closing is stored before it or not at all', async () => {
    for (let round = 0; round < 15; round += 1) {
      const row = await opened();
      const [outcome] = await Promise.all([
        storage.approvals.storeVerdict(verdictOf(row, 'berta', verdictId()), later(1), given(row, '1')),
        storage.approvals.close('default', row.approvalId, 'expired', later(2), [closing(row, 'x')]),
      ]);
      const kinds = await kindsOf(row);
      expect(kinds.includes('verdict-given')).toBe(outcome === 'stored');
      if (outcome === 'stored') expect(kinds.indexOf('verdict-given')).toBeLessThan(kinds.indexOf('approval-closed'));
    }
  });

  test('of one person given twenty times at once is stored once', async () => {
    const row = await opened();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        storage.approvals.storeVerdict(verdictOf(row, 'berta', verdictId()), at, given(row, `${index}`)),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'already-decided')).toHaveLength(19);
  });

  test('is unconsumed while its approval is pending', async () => {
    const row = await opened();
    const signed = verdictOf(row, 'berta', verdictId());
    await storage.approvals.storeVerdict(signed, at, given(row, '1'));
    const mine = async () =>
      (await storage.approvals.unconsumed(1000)).filter((verdict) => verdict.approvalId === row.approvalId);
    const expected = {
      tenant: 'default',
      runId: row.runId,
      approvalId: row.approvalId,
      verdictId: signed.verdict.verdictId,
    };
    expect(await mine()).toEqual([expected]);
    await storage.approvals.markSignalled(signed.verdict.verdictId, later(5));
    expect(await mine()).toEqual([{ ...expected, signalledAt: later(5) }]);
    await storage.approvals.close('default', row.approvalId, 'approved', later(6), [closing(row, 'x')]);
    expect(await mine()).toEqual([]);
  });

  test('whose row was moved or changed does not verify', async () => {
    const row = await opened();
    const other = await opened();
    await storage.approvals.storeVerdict(verdictOf(row, 'berta', verdictId()), at, given(row, '1'));
    await storage.database.db
      .updateTable('verdicts')
      .set({ approval_id: other.approvalId })
      .where('approval_id', '=', row.approvalId)
      .execute();
    await expect(storage.approvals.verdicts('default', other.approvalId)).rejects.toMatchObject({
      code: 'undecodable',
    });
  });
});

describe('closing', () => {
  test.each<ApprovalState>(['approved', 'rejected', 'expired', 'withdrawn'])(
    'as %s is final, with one record',
    async (to) => {
      const row = await opened();
      expect(await storage.approvals.close('default', row.approvalId, to, later(1), [closing(row, 'first')])).toBe(to);
      expect(await storage.approvals.close('default', row.approvalId, to, later(2), [closing(row, 'again')])).toBe(to);
      expect(
        await storage.approvals.close('default', row.approvalId, 'rejected', later(3), [closing(row, 'late')]),
      ).toBe(to);
      expect(await storage.approvals.find('default', row.approvalId)).toMatchObject({ state: to, closedAt: later(1) });
      expect((await kindsOf(row)).filter((kind) => kind === 'approval-closed')).toHaveLength(1);
    },
  );

  test('an approved one as withdrawn is possible, the other way is not', async () => {
    const row = await opened();
    await storage.approvals.close('default', row.approvalId, 'approved', later(1), [closing(row, '1')]);
    expect(await storage.approvals.close('default', row.approvalId, 'withdrawn', later(2), [closing(row, '2')])).toBe(
      'withdrawn',
    );
    expect(await storage.approvals.close('default', row.approvalId, 'approved', later(3), [closing(row, '3')])).toBe(
      'withdrawn',
    );
  });

  test.each<ApprovalState>(['pending', 'consumed', 'superseded'])('as %s is not a way to close', async (to) => {
    const row = await opened();
    await expect(storage.approvals.close('default', row.approvalId, to, at, [closing(row, 'x')])).rejects.toThrow(
      RangeError,
    );
  });

  test('by verdicts that are no longer all of them changes nothing', async () => {
    const row = await opened();
    const id = verdictId();
    await storage.approvals.storeVerdict(verdictOf(row, 'ann', id), later(1), given(row, id));
    const close = (seen: number) =>
      storage.approvals.close('default', row.approvalId, 'approved', later(2), [closing(row, 'x')], seen);
    expect(await close(row.revision)).toBe('pending');
    const newest = await storage.approvals.find('default', row.approvalId);
    expect(newest?.revision).toBe(row.revision + 1);
    expect(await close(newest?.revision ?? -1)).toBe('approved');
    expect((await kindsOf(row)).filter((kind) => kind === 'approval-closed')).toHaveLength(1);
  });

  test('an unknown approval, or one of another tenant, is not found', async () => {
    const row = await opened();
    for (const [tenant, id] of [
      ['default', 'apr_none'],
      ['other', row.approvalId],
    ] as const) {
      await expect(
        storage.approvals.close(tenant, id, 'expired', at, [recordOf('x', 'approval-closed', 'x')]),
      ).rejects.toMatchObject({ code: 'approval-not-found' });
    }
    expect(await storage.approvals.find('other', row.approvalId)).toBeUndefined();
  });
});

describe('superseding', () => {
  const successorOf = (row: ApprovalRow): ApprovalRow => {
    count += 1;
    return { ...row, approvalId: `apr_${hex32(count)}`, actionDigest: `sha256:${'e'.repeat(64)}` };
  };
  const supersede = (row: ApprovalRow, next: ApprovalRow) =>
    storage.approvals.supersede(row, { row: next }, later(2), [
      closing(row, row.approvalId),
      recordOf(row.runId, 'approval-opened', next.approvalId),
    ]);

  test('closes the one and opens the other, once', async () => {
    const row = await opened();
    const next = successorOf(row);
    expect(await supersede(row, next)).toBe(true);
    expect(await storage.approvals.find('default', row.approvalId)).toMatchObject({
      state: 'superseded',
      supersededBy: next.approvalId,
      closedAt: later(2),
    });
    expect(await storage.approvals.find('default', next.approvalId)).toEqual({ ...next, state: 'pending' });
    const other = successorOf(row);
    expect(await supersede(row, other)).toBe(false);
    expect(await storage.approvals.find('default', other.approvalId)).toBeUndefined();
    expect(await kindsOf(row)).toEqual(['run-started', 'approval-opened', 'approval-closed', 'approval-opened']);
  });

  test('what is closed, or was answered meanwhile, changes nothing', async () => {
    const closed = await opened();
    await storage.approvals.close('default', closed.approvalId, 'rejected', later(1), [closing(closed, 'x')]);
    const answered = await opened();
    const id = verdictId();
    await storage.approvals.storeVerdict(verdictOf(answered, 'ann', id), later(1), given(answered, id));
    for (const row of [closed, answered]) {
      const next = successorOf(row);
      expect(await supersede(row, next)).toBe(false);
      expect(await storage.approvals.find('default', next.approvalId)).toBeUndefined();
    }
  });
});

test('edits are found by their run, and the ledger says that there are some', async () => {
  const [row, other] = [await opened(), await opened()];
  const standing = async ({ runId }: ApprovalRow) => (await storage.ledger.standing('default', runId)).hasEdits;
  expect(await standing(row)).toBe(false);
  const edits = ['ann', 'ben'].map((approver) => verdictOf(row, approver, verdictId(), 'edit'));
  for (const [index, signed] of edits.entries())
    await storage.approvals.storeVerdict(signed, later(index + 1), given(row, signed.verdict.verdictId));
  const approving = verdictId();
  await storage.approvals.storeVerdict(verdictOf(other, 'ann', approving), later(1), given(other, approving));
  expect(await storage.approvals.edits('default', row.runId)).toEqual(edits);
  expect(await storage.approvals.edits('default', other.runId)).toEqual([]);
  expect(await storage.approvals.edits('other', row.runId)).toEqual([]);
  expect([await standing(row), await standing(other)]).toEqual([true, false]);
});

test('a list goes through every approval once, newest first, also where times are equal', async () => {
  const run = 'listed';
  const ids = [];
  for (let index = 0; index < 7; index += 1)
    ids.push((await opened({ runId: run, createdAt: later(index >> 1) })).approvalId);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await storage.approvals.list('default', {
      runId: run,
      state: 'pending',
      limit: 3,
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...page.items.map((row) => row.approvalId));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(seen).toHaveLength(7);
  expect(new Set(seen)).toEqual(new Set(ids));
  await expect(storage.approvals.list('default', { limit: 3, cursor: 'bm90IG91cnM' })).rejects.toMatchObject({
    code: 'invalid-request',
  });
});
