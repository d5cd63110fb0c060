import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApprovalSummary } from '../../../src/domain/approval-summary.ts';
import type { InboxFilter, InboxRead, InboxViewer } from '../../../src/ports/approval-inbox.port.ts';
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
const summary: ApprovalSummary = {
  v: 1,
  money: { amount: '12400.00', currency: 'EUR' },
  records: [],
  facts: [{ path: 'iban', json: '"DE89370400440532013000"' }],
  unshown: 0,
  reasons: ['The amount is over the limit.'],
  disagreeing: [],
  onBehalfOf: 'anna@example.test',
};

async function opened(
  tenant: string,
  change: Partial<ApprovalRow> = {},
  shown: ApprovalSummary | 'none' = summary,
): Promise<ApprovalRow> {
  count += 1;
  const run = change.runId ?? `inbox-${count}`;
  await admit(storage, run, tenant);
  return storage.approvals.open(
    approvalOf(run, { tenant, approvalId: `apr_${hex32(count)}`, ...change }),
    { ...recordOf(run, 'approval-opened', `${count}`, tenant), body: { approvalId: `apr_${hex32(count)}` } },
    shown === 'none' ? undefined : shown,
  );
}

const berta: InboxViewer = { kind: 'person', subject: 'berta', roles: ['approver'], groups: ['treasury'] };
const reading = (tenant: string, filter: InboxFilter = {}, viewer = berta): InboxRead => ({
  tenant,
  viewer,
  filter,
  now: at,
});
const idsIn = async (read: InboxRead) =>
  (await storage.inbox.read(read, { limit: 50 })).entries.map(({ approvalId }) => approvalId);

describe('the inbox', () => {
  test('goes through every pending approval once, by what expires first, forwards and back, also where times are equal', async () => {
    const rows = [];
    for (let index = 0; index < 7; index += 1)
      rows.push(await opened('paged', { expiresAt: later(3_600 - (index >> 1)) }));
    const expected = rows
      .toSorted((left, right) => (left.expiresAt + left.approvalId < right.expiresAt + right.approvalId ? -1 : 1))
      .map(({ approvalId }) => approvalId);
    const read = reading('paged');
    const first = await storage.inbox.read(read, { limit: 3 });
    const second = await storage.inbox.read(read, { limit: 3, after: first.next ?? '' });
    const third = await storage.inbox.read(read, { limit: 3, after: second.next ?? '' });
    expect([first, second, third].flatMap(({ entries }) => entries.map(({ approvalId }) => approvalId))).toEqual(
      expected,
    );
    expect([first.preceding, second.preceding, third.preceding]).toEqual([0, 3, 6]);
    expect([first.previous, third.next]).toEqual([undefined, undefined]);
    const back = await storage.inbox.read(read, { limit: 3, before: third.previous ?? '' });
    expect(back.entries).toEqual(second.entries);
    expect(back).toMatchObject({ preceding: 3, next: second.next, previous: second.previous });
    await expect(storage.inbox.read(read, { limit: 3, after: 'bm90IG91cnM' })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  test('holds what a list shows, sealed in the row, and nothing that has an end', async () => {
    const row = await opened('shown');
    const closed = await opened('shown');
    await storage.approvals.close('shown', closed.approvalId, 'rejected', later(1), []);
    await opened('another-tenant');
    const [entry, ...others] = (await storage.inbox.read(reading('shown'), { limit: 50 })).entries;
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ approvalId: row.approvalId, risk: 'high', verdicts: 0, needsStepUp: false, summary });
    const stored = await sql<{ text: string }>`
      select encode(summary, 'escape') as text from approvals where approval_id = ${row.approvalId}`.execute(
      storage.database.db,
    );
    expect(stored.rows[0]?.text).not.toContain('DE89');
  });

  test('is narrowed by tool, agent, risk, end and a part of the run’s id, together', async () => {
    const wanted = await opened('narrowed', { tool: 'a.b', agent: 'x', risk: 'low', runId: 'July-Mailbox' });
    await opened('narrowed', { tool: 'a.c' });
    await opened('narrowed', { agent: 'y' });
    await opened('narrowed', { risk: 'medium', expiresAt: later(9_000) });
    const ends = { endsBefore: later(7_200) };
    const filters: readonly InboxFilter[] = [{ tool: 'a.b' }, { agent: 'x' }, { risk: 'low' }, { runText: 'mailBOX' }];
    for (const filter of [...filters, Object.assign({}, ends, ...filters) as InboxFilter])
      expect([filter, await idsIn(reading('narrowed', filter))]).toEqual([filter, [wanted.approvalId]]);
    expect(await idsIn(reading('narrowed', ends))).toHaveLength(3);
    expect(await idsIn(reading('narrowed', { runText: '%' }))).toEqual([]);
  });

  test('asks of a viewer only what his roles, duties, own answer and the time let him answer', async () => {
    const mine = await opened('asked');
    await opened('asked', { requirement: { quorum: 1, roles: ['lead'], ttlSeconds: 60, stepUp: false } });
    await opened('asked', { initiator: 'berta' });
    await opened('asked', { ownerGroup: 'treasury' });
    await opened('asked', { expiresAt: at });
    const answered = await opened('asked');
    const verdict = verdictOf(answered, 'berta', `vrd_${hex32(count)}`);
    await storage.approvals.storeVerdict(verdict, at, recordOf(answered.runId, 'verdict-given', 'x', 'asked'));
    expect(await idsIn(reading('asked', { asked: 'me' }))).toEqual([mine.approvalId]);
    expect(await idsIn(reading('asked'))).toHaveLength(6);
    const service: InboxViewer = { ...berta, kind: 'service' };
    expect(await idsIn(reading('asked', { asked: 'me' }, service))).toEqual([]);
    const page = await storage.approvals.list('asked', { limit: 10, viewer: berta, now: at });
    expect(page.items.map(({ approvalId }) => approvalId)).toEqual([mine.approvalId]);
    const counts = await storage.inbox.count(reading('asked'), later(1));
    expect(counts.filter(({ askedOfViewer }) => askedOfViewer).map((row) => row.count)).toEqual([1]);
    expect(counts.reduce((sum, row) => sum + row.count, 0)).toBe(6);
    expect(counts.filter(({ endsSoon }) => endsSoon).reduce((sum, row) => sum + row.count, 0)).toBe(1);
  });

  test('a person who is named like a group does not pass for its owner', async () => {
    const row = await opened('named', { ownerGroup: 'berta' });
    expect(await idsIn(reading('named', { asked: 'me' }))).toEqual([row.approvalId]);
  });

  test('one summary that does not open is undefined, and the others are there', async () => {
    const broken = await opened('broken');
    const moved = await opened('broken');
    const whole = await opened('broken');
    await sql`update approvals set summary = '\\x00'::bytea where approval_id = ${broken.approvalId}`.execute(
      storage.database.db,
    );
    await sql`update approvals set (summary, summary_key_id) = (select summary, summary_key_id from approvals
      where approval_id = ${whole.approvalId}) where approval_id = ${moved.approvalId}`.execute(storage.database.db);
    const { entries } = await storage.inbox.read(reading('broken'), { limit: 50 });
    expect(new Map(entries.map((entry) => [entry.approvalId, entry.summary]))).toEqual(
      new Map([
        [broken.approvalId, undefined],
        [moved.approvalId, undefined],
        [whole.approvalId, summary],
      ]),
    );
  });

  test('says what is alike: the same agent, tool, kind, risk, rules and people asked, for this viewer, without a step-up', async () => {
    const requirement = { quorum: 1, roles: ['approver', 'lead'], ttlSeconds: 60, stepUp: false };
    const reasons = [
      { rule: 'a', message: 'One of 5.' },
      { rule: 'b', message: 'Two.' },
    ];
    const named = await opened('alike', { requirement, reasons, expiresAt: later(7_200) });
    const like = await opened('alike', {
      requirement: { ...requirement, roles: ['lead', 'approver'], ttlSeconds: 90 },
      reasons: [...reasons.toReversed(), { rule: 'a', message: 'One of 6.' }],
    });
    const others: readonly Partial<ApprovalRow>[] = [
      { agent: 'other' },
      { tool: 'invoices.other' },
      { kind: 'answer' },
      { risk: 'low' },
      { reasons: reasons.slice(0, 1) },
      { requirement: { ...requirement, quorum: 2 } },
      { requirement: { ...requirement, roles: ['approver'] } },
      { requirement: { ...requirement, stepUp: true } },
      { initiator: 'berta' },
    ];
    for (const other of others) await opened('alike', { requirement, reasons, ...other });
    const read = { tenant: 'alike', viewer: berta, now: at };
    const both = [like.approvalId, named.approvalId];
    expect(await storage.inbox.alike(read, named.approvalId, 20)).toEqual({ approvalIds: both, total: 2 });
    expect(await storage.inbox.alike(read, like.approvalId, 1)).toEqual({ approvalIds: [like.approvalId], total: 2 });
    await storage.approvals.close('alike', named.approvalId, 'withdrawn', later(1), []);
    expect(await storage.inbox.alike(read, named.approvalId, 20)).toEqual({ approvalIds: [like.approvalId], total: 1 });
    const carl: InboxViewer = { ...berta, subject: 'carl', roles: ['auditor'] };
    expect(await storage.inbox.alike({ ...read, viewer: carl }, like.approvalId, 20)).toMatchObject({ total: 0 });
    expect(await storage.inbox.alike({ ...read, tenant: 'other' }, like.approvalId, 20)).toMatchObject({ total: 0 });
    await sql`update approvals set likeness = null where tenant = 'alike'`.execute(storage.database.db);
    expect(await storage.inbox.alike(read, like.approvalId, 20)).toEqual({ approvalIds: [], total: 0 });
  });

  test('counts what is alike with the other counts', async () => {
    const reasons = [{ rule: 'counted', message: 'Asked.' }];
    const rows = [];
    for (let index = 0; index < 3; index += 1) rows.push(await opened('counted-alike', { reasons }));
    await opened('counted-alike', {
      reasons,
      requirement: { quorum: 1, roles: ['approver'], ttlSeconds: 60, stepUp: true },
    });
    const counts = await storage.inbox.count(reading('counted-alike'), later(60));
    const alike = counts.filter((row) => row.alike !== undefined);
    expect(alike).toMatchObject([{ count: 3, askedOfViewer: true }]);
    expect(rows.map(({ approvalId }) => approvalId)).toContain(alike[0]?.alike?.sample);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  test('a row of before has no summary until it is given one, and is then asked of its people', async () => {
    const row = await opened('older', {}, 'none');
    await sql`update approvals set asked_roles = null, asked_step_up = null, initiator_mac = null, owner_mac = null,
      summary = null, summary_key_id = null where approval_id = ${row.approvalId}`.execute(storage.database.db);
    expect(await idsIn(reading('older', { asked: 'me' }))).toEqual([]);
    const { approvalId, renderHash, sheetRef } = row;
    expect(await storage.inbox.unsummarised('older', 10)).toEqual([
      { tenant: 'older', approvalId, renderHash, sheetRef },
    ]);
    await storage.inbox.summarise('older', row.approvalId, summary);
    expect(await storage.inbox.unsummarised('older', 10)).toEqual([]);
    const { entries } = await storage.inbox.read(reading('older', { asked: 'me' }), { limit: 1 });
    expect(entries).toMatchObject([{ approvalId: row.approvalId, summary }]);
  });

  test('news come once each, in order, after a position, and of the own tenant', async () => {
    const before = await storage.inbox.position();
    const row = await opened('news');
    await opened('other-news');
    await storage.approvals.close('news', row.approvalId, 'expired', later(1), [
      { ...recordOf(row.runId, 'approval-closed', 'x', 'news'), body: { approvalId: row.approvalId } },
    ]);
    const news = await storage.inbox.news('news', before, 10);
    expect(news.map(({ kind, approvalId }) => [kind, approvalId])).toEqual([
      ['approval-opened', row.approvalId],
      ['approval-closed', row.approvalId],
    ]);
    expect(await storage.inbox.news('news', news[0]?.position ?? 0, 10)).toEqual(news.slice(1));
    expect(await storage.inbox.position()).toBe(news[1]?.position);
  });
});
