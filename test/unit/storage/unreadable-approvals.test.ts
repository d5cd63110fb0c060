import { afterAll, beforeAll, expect, test } from 'vitest';
import { withdrawApprovals } from '../../../src/ports/approval-store.port.ts';
import { admit, approvalOf, later, type OpenedStorage, openStorage, recordOf } from './storage-fixture.ts';

let storage: OpenedStorage;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

/** Two questions of one run, one of which holds what was sealed for the other. */
async function oneOfTwoMoved(run: string) {
  await admit(storage, run);
  const [lost, kept] = [`apr_${'1'.repeat(32)}`, `apr_${'2'.repeat(32)}`];
  for (const approvalId of [lost, kept])
    await storage.approvals.open(approvalOf(run, { approvalId }), recordOf(run, 'approval-opened', approvalId));
  const { details } = await storage.database.db
    .selectFrom('approvals')
    .select('details')
    .where('approval_id', '=', kept)
    .executeTakeFirstOrThrow();
  await storage.database.db.updateTable('approvals').set({ details }).where('approval_id', '=', lost).execute();
  return { lost, kept };
}

test('a row that does not open asks nobody, hides no other from a list, and keeps no run from ending', async () => {
  const { lost, kept } = await oneOfTwoMoved('moved');
  const { items } = await storage.approvals.list('default', { runId: 'moved', limit: 10 });
  expect(items.map(({ approvalId, unreadable }) => [approvalId, unreadable])).toEqual([
    [kept, undefined],
    [lost, true],
  ]);
  expect(items[1]).toMatchObject({ requirement: { roles: [] }, initiator: '', reasons: [] });
  await expect(storage.approvals.find('default', lost)).rejects.toMatchObject({ code: 'undecodable' });

  await withdrawApprovals(storage.approvals, { tenant: 'default', runId: 'moved' }, later(5));
  const after = await storage.approvals.list('default', { runId: 'moved', limit: 10 });
  expect(after.items.map(({ state }) => state)).toEqual(['withdrawn', 'withdrawn']);
});
