import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Delegation, SignedDelegation } from '../../../src/domain/delegation.ts';
import type { DelegationRow } from '../../../src/ports/delegation-store.port.ts';
import { at, later, type OpenedStorage, openStorage, recordOf } from './storage-fixture.ts';

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
});
afterAll(() => storage.end());

let made = 0;
function delegationOf(change: Partial<Delegation> = {}): SignedDelegation {
  made += 1;
  const delegation: Delegation = {
    v: 1,
    delegationId: `dlg_${String(made).padStart(32, '0')}`,
    tenant: 'default',
    from: `lender-${made}`,
    to: `delegate-${made}`,
    roles: ['approver'],
    begins: at,
    ends: later(100 + made),
    reason: 'Holiday.',
    at,
    ...change,
  };
  return { delegation, keyId: 'delegation-1-x', signature: 's' };
}

const record = ({ delegation }: SignedDelegation, kind: 'approvals-delegated' | 'delegation-ended') =>
  recordOf('', kind, delegation.delegationId);

async function lent(change: Partial<Delegation> = {}): Promise<SignedDelegation> {
  const signed = delegationOf(change);
  expect(await storage.delegations.lend(signed, 20, record(signed, 'approvals-delegated'))).toBe('lent');
  return signed;
}

async function recordsOf({ delegation }: SignedDelegation): Promise<readonly string[]> {
  const all = await storage.outbox.ofRun('default', '', 0, 1_000);
  return all.filter(({ body }) => body['name'] === delegation.delegationId).map(({ kind }) => kind);
}

const idsOf = (rows: readonly DelegationRow[]) => rows.map(({ signed }) => signed.delegation.delegationId);

describe('a delegation', () => {
  test('is stored as it was signed, with its record, and found by its id in its tenant', async () => {
    const signed = await lent();
    const { delegationId } = signed.delegation;
    expect(await storage.delegations.find('default', delegationId)).toEqual({ signed, state: 'active' });
    expect(await storage.delegations.find('other', delegationId)).toBeUndefined();
    expect(await recordsOf(signed)).toEqual(['approvals-delegated']);
  });

  test('is ended once, by one of two at the same time, and stays ended', async () => {
    const signed = await lent();
    const end = (by: string) =>
      storage.delegations.end(signed, { by, at: later(1) }, record(signed, 'delegation-ended'));
    const ended = await Promise.all([end('lender'), end('admin')]);
    expect(ended.filter(Boolean)).toHaveLength(1);
    expect(await end('lender')).toBe(false);
    expect(await storage.delegations.find('default', signed.delegation.delegationId)).toEqual({
      signed,
      state: 'ended',
      endedBy: ended[0] ? 'lender' : 'admin',
      endedAt: later(1),
    });
    expect(await recordsOf(signed)).toEqual(['approvals-delegated', 'delegation-ended']);
  });

  test('is listed by lender and by delegate; in force from its begin until its end, and not when it was ended', async () => {
    const now = await lent({ from: 'ann', to: 'ben', ends: later(50) });
    const soon = await lent({ from: 'ann', to: 'ben', begins: later(30), ends: later(60) });
    const gone = await lent({ from: 'ann', to: 'eve', ends: later(40) });
    await storage.delegations.end(gone, { by: 'ann', at }, record(gone, 'delegation-ended'));
    const list = async (filter: { from?: string; to?: string; inForceAt?: string }) =>
      idsOf(await storage.delegations.list({ tenant: 'default', limit: 10, ...filter }));
    const [nowId, soonId, goneId] = [now, soon, gone].map(({ delegation }) => delegation.delegationId);
    expect(await list({ from: 'ann' })).toEqual([soonId, nowId, goneId]);
    expect(await list({ to: 'ben' })).toEqual([soonId, nowId]);
    expect(await list({ to: 'ann' })).toEqual([]);
    expect(await list({ from: 'ann', inForceAt: later(10) })).toEqual([nowId]);
    expect(await list({ from: 'ann', inForceAt: later(30) })).toEqual([soonId, nowId]);
    expect(await list({ from: 'ann', inForceAt: later(50) })).toEqual([soonId]);
    expect(await list({ from: 'ann', inForceAt: later(60) })).toEqual([]);
  });

  test('is refused where the lender has as many that are not over, and those of others do not matter', async () => {
    const lend = (change: Partial<Delegation>) => {
      const signed = delegationOf({ from: 'lea', ...change });
      return storage.delegations.lend(signed, 2, record(signed, 'approvals-delegated'));
    };
    expect(await lend({ ends: later(5) })).toBe('lent');
    expect(await lend({})).toBe('lent');
    expect(await lend({})).toBe('limit');
    expect(await lend({ from: 'leo' })).toBe('lent');
    expect(await lend({ at: later(5) })).toBe('lent');
    const refused = delegationOf({ from: 'lea' });
    await storage.delegations.lend(refused, 2, record(refused, 'approvals-delegated'));
    expect(await recordsOf(refused)).toEqual([]);
  });

  test('is on the lender’s list while it lasts, however many others were lent and ended after it', async () => {
    const lasting = await lent({ from: 'mia', ends: later(10) });
    for (let more = 1; more <= 3; more += 1) {
      const buried = await lent({ from: 'mia', ends: later(1_000 + more) });
      await storage.delegations.end(buried, { by: 'mia', at }, record(buried, 'delegation-ended'));
    }
    const [first, ...rest] = idsOf(await storage.delegations.list({ tenant: 'default', from: 'mia', limit: 3 }));
    expect(first).toBe(lasting.delegation.delegationId);
    expect(rest).toHaveLength(2);
  });

  test('is nobody’s right where its row was changed, and hides no other', async () => {
    const [first, second] = [await lent({ from: 'kim' }), await lent({ from: 'kim' })];
    const { db } = storage.database;
    const { delegationId } = first.delegation;
    await storage.delegations.end(first, { by: 'kim', at }, record(first, 'delegation-ended'));
    await sql`update delegations set state = 'active' where delegation_id = ${delegationId}`.execute(db);
    expect(await storage.delegations.find('default', delegationId)).toBeUndefined();
    await sql`update delegations set delegation = (select delegation from delegations where delegation_id = ${second.delegation.delegationId})
      where delegation_id = ${delegationId}`.execute(db);
    expect(await storage.delegations.find('default', delegationId)).toBeUndefined();
    expect(idsOf(await storage.delegations.list({ tenant: 'default', from: 'kim', limit: 10 }))).toEqual([
      second.delegation.delegationId,
    ]);
  });

  test('says nothing of who they are outside of what is sealed', async () => {
    const signed = await lent({ from: 'clear-lender', to: 'clear-delegate', reason: 'clear reason' });
    const { rows } = await sql<Record<string, unknown>>`
      select * from delegations where delegation_id = ${signed.delegation.delegationId}`.execute(storage.database.db);
    expect(JSON.stringify(rows)).not.toContain('clear');
    expect(Buffer.from(Object(rows[0])['delegation']).toString('latin1')).not.toContain('clear');
  });
});
