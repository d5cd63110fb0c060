import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BatchItem, batchAnswerSchema } from '../../src/contracts/http/batch.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { askedInRun, type Question } from './api-open-approval.ts';

let api: ApiHarness;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const asked = (question: Partial<Question> = {}) => askedInRun(api, question);

const several = async (count: number): Promise<ApprovalRow[]> => {
  const rows: ApprovalRow[] = [];
  for (let index = 0; index < count; index += 1) rows.push(await asked());
  return rows;
};

const itemOf = (row: ApprovalRow, verdict: BatchItem['verdict'] = 'approve'): BatchItem => ({
  approvalId: row.approvalId,
  verdict,
  actionDigest: row.actionDigest,
});

async function post(subject: string | undefined, body: unknown) {
  const headers = subject === undefined ? {} : { token: await api.token(subject) };
  return send(`${api.url}/v1/approvals/verdicts`, { method: 'POST', ...headers, body });
}

/** For each item `given`, or the code of its problem. */
async function codes(subject: string, items: readonly unknown[]): Promise<readonly string[]> {
  const { status, body } = await post(subject, { items });
  expect(status).toBe(200);
  return batchAnswerSchema.parse(body).items.map((item) => ('problem' in item ? item.problem.code : 'given'));
}

const verdictsOf = async ({ approvalId }: ApprovalRow) =>
  (await api.storage.approvals.verdicts('default', approvalId)).map(({ signed }) => signed);

async function refusedCodes(runId: string): Promise<unknown[]> {
  const records = await api.storage.outbox.ofRun('default', runId, 0, 100);
  return records.filter(({ kind }) => kind === 'verdict-refused').map(({ body }) => body['code']);
}

const strange = ['\u0000', 'apr_\u{1f4a9}', '../..'];

const otherDigest = `sha256:${'0'.repeat(64)}`;

describe('a batch of answers', () => {
  test('is as many verdicts, each signed over its own action, and each run is told', async () => {
    const rows = await several(3);
    const [first, second, third] = rows as [ApprovalRow, ApprovalRow, ApprovalRow];
    const items = [itemOf(first), { ...itemOf(second, 'reject'), reason: 'Not ours.' }, itemOf(third)];
    const { items: outcomes } = await (await api.as('approver')).approvals.decideMany(items);
    expect(outcomes.map(({ approvalId }) => approvalId)).toEqual(rows.map(({ approvalId }) => approvalId));
    for (const [index, row] of rows.entries()) {
      const [signed, ...more] = await verdictsOf(row);
      const { verdict, ...signature } = signed ?? expect.fail('nothing was stored');
      expect(more).toEqual([]);
      expect(outcomes[index]).toEqual({ approvalId: row.approvalId, verdictId: verdict.verdictId });
      expect(verdict).toMatchObject({
        actionDigest: row.actionDigest,
        renderHash: row.renderHash,
        verdict: index === 1 ? 'reject' : 'approve',
        reason: index === 1 ? 'Not ours.' : '',
        approver: 'approver',
      });
      expect(await api.keys.verify('verdict', canonicalJson(verdict as object as JsonObject), signature)).toBe(true);
      await expect
        .poll(() => api.engine.signals)
        .toContainEqual({ runId: row.runId, approvalId: row.approvalId, verdictId: verdict.verdictId });
    }
  });

  test('asks storage for no id of another form', async () => {
    const row = await asked();
    const before = api.log.events.length;
    const items = [...strange.map((approvalId) => ({ ...itemOf(row), approvalId })), itemOf(row)];
    expect(await codes('approver', items)).toEqual([...strange.map(() => 'approval-not-found'), 'given']);
    expect(api.log.events.slice(before)).not.toContain('verdict-of-batch-failed');
  });

  test('refuses each item for itself, in the order of the list, records it, and gives the others', async () => {
    const [first, closed, last] = (await several(3)) as [ApprovalRow, ApprovalRow, ApprovalRow];
    const own = await asked({ initiator: 'approver' });
    const stepUp = await asked({ requirement: { stepUp: true } });
    const forLead = await asked({ requirement: { roles: ['lead'] } });
    const swapped = await asked();
    const answered = await asked({ requirement: { quorum: 2 } });
    const unreadable = await asked({ sheet: 'lost' });
    await codes('approver', [itemOf(answered)]);
    await api.storage.approvals.close(
      'default',
      closed.approvalId,
      'withdrawn',
      new Date(api.clock.now()).toISOString(),
      [],
    );
    const unknown = { ...itemOf(first), approvalId: `apr_${'0'.repeat(32)}` };
    expect(
      await codes('approver', [
        itemOf(first),
        unknown,
        itemOf(forLead),
        itemOf(own),
        itemOf(stepUp),
        itemOf(closed),
        { ...itemOf(swapped), actionDigest: first.actionDigest },
        itemOf(answered, 'reject'),
        itemOf(unreadable),
        itemOf(last),
      ]),
    ).toEqual([
      'given',
      'approval-not-found',
      'not-an-approver',
      'self-approval',
      'step-up-required',
      'approval-closed',
      'digest-mismatch',
      'already-decided',
      'blob-missing',
      'given',
    ]);
    for (const row of [forLead, own, stepUp, closed, swapped, unreadable]) expect(await verdictsOf(row)).toEqual([]);
    expect(await refusedCodes(stepUp.runId)).toEqual(['step-up-required']);
    expect(await refusedCodes(closed.runId)).toEqual(['approval-closed']);
    expect(await refusedCodes(swapped.runId)).toEqual(['digest-mismatch']);
    expect(await refusedCodes(answered.runId)).toEqual(['already-decided']);
  });

  test('says of a refused item what a refused request would say', async () => {
    const row = await asked();
    const single = await send(`${api.url}/v1/approvals/${row.approvalId}/verdicts`, {
      token: await api.token('approver'),
      body: { verdict: 'approve', actionDigest: otherDigest },
    });
    const [item] = (
      await (await api.as('approver')).approvals.decideMany([{ ...itemOf(row), actionDigest: otherDigest }])
    ).items;
    const { instance, ...problem } = single.body;
    expect(item).toEqual({ approvalId: row.approvalId, problem: { ...problem, instance: expect.any(String) } });
    expect(instance).toMatch(/^urn:uuid:/);
  });

  test('that was cut off is sent again whole: what was stored is the same verdict, and the rest is given', async () => {
    const rows = await several(3);
    const items = rows.map((row) => itemOf(row));
    const approver = (await api.as('approver')).approvals;
    const before = await approver.decideMany(items.slice(0, 2));
    const [first] = rows as [ApprovalRow];
    await api.storage.approvals.close(
      'default',
      first.approvalId,
      'approved',
      new Date(api.clock.now()).toISOString(),
      [],
    );
    const again = await approver.decideMany(items);
    expect(again.items.slice(0, 2)).toEqual(before.items);
    expect(again.items[2]).toMatchObject({ verdictId: expect.any(String) });
    for (const row of rows) {
      expect(await verdictsOf(row)).toHaveLength(1);
      expect(await refusedCodes(row.runId)).toEqual([]);
    }
  });

  test('is the same verdict for nobody else, and for no other answer', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    const item = itemOf(row);
    expect(await codes('approver', [item])).toEqual(['given']);
    expect(await codes('approver', [{ ...item, verdict: 'reject' }])).toEqual(['already-decided']);
    expect(await codes('approver', [{ ...item, reason: 'On second thoughts.' }])).toEqual(['already-decided']);
    expect(await codes('approver', [{ ...item, actionDigest: otherDigest }])).toEqual(['digest-mismatch']);
    expect(await codes('approver2', [item])).toEqual(['given']);
    expect(await verdictsOf(row)).toHaveLength(2);
  });

  test('that two requests send at the same time stores one verdict for each item', async () => {
    const rows = await several(4);
    const items = rows.map((row) => itemOf(row));
    await Promise.all([post('approver', { items }), post('approver', { items: items.toReversed() })]);
    for (const row of rows) expect(await verdictsOf(row)).toHaveLength(1);
  });
});

describe('a batch is refused whole, and nothing of it is given', () => {
  test.each<[string, (row: ApprovalRow) => unknown, string]>([
    ['no items', () => [], 'items'],
    [
      'more than twenty',
      (row) => Array.from({ length: 21 }, (_, n) => ({ ...itemOf(row), approvalId: `apr_${n}` })),
      'items',
    ],
    ['an approval twice', (row) => [itemOf(row), itemOf(row, 'reject')], 'items'],
    ['an edit', (row) => [{ ...itemOf(row), verdict: 'edit' }], 'items/0/verdict'],
    ['arguments', (row) => [{ ...itemOf(row), args: {} }], 'items/0/args'],
    ['the proof of a step-up', (row) => [{ ...itemOf(row), stepUp: {} }], 'items/0/stepUp'],
    [
      'an item without a digest',
      (row) => [itemOf(row), { approvalId: 'apr_1', verdict: 'approve' }],
      'items/1/actionDigest',
    ],
    ['one verdict for all', (row) => [{ approvalId: row.approvalId }], 'items/0/verdict'],
  ])('with %s', async (_what, itemsOf, path) => {
    const row = await asked();
    const { status, body } = await post('approver', { items: itemsOf(row) });
    expect({ status, code: body.code, path: body.errors?.[0]?.path }).toEqual({
      status: 400,
      code: 'invalid-request',
      path,
    });
    expect(await verdictsOf(row)).toEqual([]);
  });

  test('from nobody', async () => {
    const row = await asked();
    expect(await post(undefined, { items: [itemOf(row)] })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  test.each(['not json', '[]', '{"items":[],"items":[]}'])('as %s', async (body) => {
    expect(await post('approver', body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });
});

test('a batch is no way around the limit of verdicts, and none around the bound of what is recorded', async () => {
  const rows = await several(20);
  const items = rows.map((row) => itemOf(row));
  const tried: string[] = [];
  for (let batch = 0; batch < 51; batch += 1) tried.push(...(await codes('lead', items)));
  expect(tried.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, () => 'not-an-approver'));
  expect(new Set(tried.slice(1_000))).toEqual(new Set(['rate-limited']));
  const [row] = rows as [ApprovalRow];
  const single = await send(`${api.url}/v1/approvals/${row.approvalId}/verdicts`, {
    token: await api.token('lead'),
    body: { verdict: 'approve', actionDigest: row.actionDigest },
  });
  expect(single).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
  const recorded = await Promise.all(rows.map(({ runId }) => refusedCodes(runId)));
  expect(recorded.flat().length).toBeLessThanOrEqual(20);
  expect(await codes('approver', items.slice(0, 1))).toEqual(['given']);
});
