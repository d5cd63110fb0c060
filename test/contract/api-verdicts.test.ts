import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { editDigest } from '../../src/digest/edits.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { askedInRun, openApproval, type Question } from './api-open-approval.ts';

let api: ApiHarness;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const asked = (question: Partial<Question> = {}) => askedInRun(api, { args: payment, ...question });

async function answer(row: Pick<ApprovalRow, 'approvalId'>, subject: string | undefined, body: unknown) {
  const headers = subject === undefined ? {} : { token: await api.token(subject) };
  return send(`${api.url}/v1/approvals/${row.approvalId}/verdicts`, { method: 'POST', ...headers, body });
}

const approve = (row: ApprovalRow) => ({ verdict: 'approve', actionDigest: row.actionDigest });
const edit = (row: ApprovalRow, args: unknown) => ({ verdict: 'edit', actionDigest: row.actionDigest, args });
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const nestedPath = `args/reference/${'a/'.repeat(31).slice(0, -1)}`;
const payment = {
  supplierId: 'S-100',
  iban: 'DE89370400440532013000',
  amount: 1200,
  currency: 'EUR',
  poNumber: 'PO-1',
  invoiceNumber: 'I-1',
  reference: 'I-1',
};
const otherDigest = `sha256:${'0'.repeat(64)}`;

const textOf = (verdict: object) => verdict as JsonObject;

async function refusedCodes(runId: string): Promise<unknown[]> {
  const records = await api.storage.outbox.ofRun('default', runId, 0, 100);
  return records.filter(({ kind }) => kind === 'verdict-refused').map(({ body }) => body['code']);
}

describe('a verdict', () => {
  test('is stored and signed over exactly what was shown, and the run is told', async () => {
    const row = await asked();
    const { status, body } = await answer(row, 'approver', { ...approve(row), reason: 'Matches the order.' });
    expect(status).toBe(202);
    expect(body['verdictId']).toMatch(/^vrd_[0-9a-f]{32}$/);
    const [stored] = await api.storage.approvals.verdicts('default', row.approvalId);
    const { verdict, ...signature } = stored?.signed ?? expect.fail('nothing was stored');
    expect(verdict).toMatchObject({
      verdictId: body['verdictId'],
      approvalId: row.approvalId,
      actionDigest: row.actionDigest,
      renderHash: row.renderHash,
      verdict: 'approve',
      approver: 'approver',
      acr: 'dev',
      reason: 'Matches the order.',
    });
    expect(await api.keys.verify('verdict', canonicalJson(textOf(verdict)), signature)).toBe(true);
    expect(await api.keys.verify('verdict', canonicalJson(textOf({ ...verdict, verdict: 'reject' })), signature)).toBe(
      false,
    );
    await expect
      .poll(() => api.engine.signals)
      .toContainEqual({ runId: row.runId, approvalId: row.approvalId, verdictId: verdict.verdictId });
  });

  test('is shown on the approval with who, what, when and why', async () => {
    const row = await asked();
    await answer(row, 'approver', { verdict: 'reject', actionDigest: row.actionDigest, reason: 'Not our supplier.' });
    const approval = await (await api.as('auditor')).approvals.get(row.approvalId);
    expect(approval.verdicts).toEqual([
      { by: 'approver', verdict: 'reject', at: expect.any(String), reason: 'Not our supplier.' },
    ]);
    expect(approval).toMatchObject({
      args: { iban: 'DE89370400440532013000' },
      quorum: { needed: 1, roles: ['approver'] },
      risk: 'high',
    });
  });

  test('that nobody signed is shown to nobody', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    await answer(row, 'approver', approve(row));
    const [genuine] = await api.storage.approvals.verdicts('default', row.approvalId);
    if (genuine === undefined) throw new Error('the answer was stored');
    const { verdict, ...signature } = genuine.signed;
    const claimedBy = (approver: string, digit: string) => ({
      ...verdict,
      verdictId: `vrd_${digit.repeat(32)}`,
      approver,
    });
    const [moved, misused] = [claimedBy('lead', 'e'), claimedBy('auditor', 'f')];
    const forgeries = [
      { verdict: moved, ...signature },
      { verdict: misused, ...(await api.keys.sign('receipt', canonicalJson(textOf(misused)))) },
    ];
    const at = new Date(api.clock.now()).toISOString();
    for (const forged of forgeries) {
      const { approvalId, verdictId, approver: by } = forged.verdict;
      const record = recordOf('verdict-refused', row, verdictId, at, { approvalId, by, code: '' });
      expect(await api.storage.approvals.storeVerdict(forged, at, record)).toBe('stored');
    }
    const view = await (await api.as('approver2')).approvals.get(row.approvalId);
    expect(view.verdicts.map(({ by }) => by)).toEqual(['approver']);
  });
});

describe('an edit', () => {
  test('is signed over the tool, the arguments and the question, which are kept sealed and by reference', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    const args = { ...payment, amount: 900 };
    expect((await answer(row, 'approver', { ...edit(row, args), reason: 'As ordered.' })).status).toBe(202);
    const [signed] = await api.storage.approvals.edits('default', row.runId);
    const { verdict, ...signature } = signed ?? expect.fail('nothing was stored');
    expect(verdict).toMatchObject({
      verdict: 'edit',
      approver: 'approver',
      actionDigest: row.actionDigest,
      edit: { callId: 't1.0', digest: editDigest(row.tool, args), requirement: { quorum: 2, roles: ['approver'] } },
    });
    const ref = parseBlobRef(verdict.edit?.argsRef ?? '');
    expect(await api.blobs.get('default', 'edit', ref)).toEqual(args);
    expect(await api.keys.verify('verdict', canonicalJson({ ...verdict } as object as JsonObject), signature)).toBe(
      true,
    );
    expect((await api.storage.approvals.find('default', row.approvalId))?.state).toBe('pending');
  });

  test('403 self-approval: who wrote the arguments cannot answer for them, in whatever question of the run', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    const args = { ...payment, amount: 900 };
    await answer(row, 'approver', edit(row, args));
    const { runId } = row;
    const next = await openApproval(api, { runId, callId: 't2.0', args });
    const unrelated = await openApproval(api, { runId, callId: 't3.0', args: { ...args, amount: 901 } });
    expect(await answer(next, 'approver', approve(next))).toMatchObject({ body: { code: 'self-approval' } });
    expect((await answer(next, 'approver2', approve(next))).status).toBe(202);
    expect((await answer(unrelated, 'approver', approve(unrelated))).status).toBe(202);
  });

  test('of an answer is refused: there are no arguments to change', async () => {
    const row = await asked({ kind: 'answer', args: { text: 'Done.' } });
    const { status, body } = await answer(row, 'approver', edit(row, { text: 'All done.' }));
    expect({ status, path: body.errors?.[0]?.path }).toEqual({ status: 400, path: 'verdict' });
  });
});

describe('refusals, in the order of the contract', () => {
  test('401: nobody is asked who he is after anything else', async () => {
    const row = await asked();
    expect(await answer(row, undefined, 'not json')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const forged = await send(`${api.url}/v1/approvals/${row.approvalId}/verdicts`, {
      token: 'a.b.c',
      body: approve(row),
    });
    expect(forged).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test.each([`apr_${'0'.repeat(32)}`, 'apr_x', '..', 'APR_'])(
    '404: the approval %s does not exist, whoever asks and whatever is sent',
    async (approvalId) => {
      expect(await answer({ approvalId: encodeURIComponent(approvalId) }, 'auditor', 'not json')).toMatchObject({
        status: 404,
      });
    },
  );

  test.each(['auditor', 'admin', 'lead', 'initiator', 'backend'])(
    '403 not-an-approver: %s has none of the roles',
    async (subject) => {
      const row = await asked();
      expect(await answer(row, subject, 'not json')).toMatchObject({ status: 403, body: { code: 'not-an-approver' } });
    },
  );

  test('403 self-approval: who started the run cannot approve its actions, nor can who owns the agent', async () => {
    const own = await asked({ initiator: 'approver' });
    expect(await answer(own, 'approver', approve(own))).toMatchObject({ status: 403, body: { code: 'self-approval' } });
    const owned = await asked({ ownerGroup: 'ap-team', requirement: { roles: ['initiator'] }, initiator: 'approver2' });
    expect(await answer(owned, 'initiator', approve(owned))).toMatchObject({
      status: 403,
      body: { code: 'self-approval' },
    });
  });

  test('403 step-up-required: a development login is never a step-up', async () => {
    const row = await asked({ requirement: { stepUp: true } });
    expect(await answer(row, 'approver', approve(row))).toMatchObject({
      status: 403,
      body: { code: 'step-up-required' },
    });
  });

  test('410: an expired approval takes no answer, even with another digest or an unreadable body', async () => {
    const row = await asked({ ttlMs: 1_000 });
    api.clock.advance(1_000);
    for (const body of [approve(row), { verdict: 'approve', actionDigest: otherDigest }, 'not json']) {
      expect(await answer(row, 'approver', body)).toMatchObject({ status: 410, body: { code: 'approval-closed' } });
    }
  });

  test.each(['approved', 'rejected', 'expired', 'withdrawn'] as const)(
    '410: an approval that is %s takes no answer',
    async (state) => {
      const row = await asked();
      await api.storage.approvals.close('default', row.approvalId, state, new Date(api.clock.now()).toISOString(), [
        {
          recordKey: `${row.approvalId}/closed`,
          tenant: 'default',
          runId: row.runId,
          kind: 'approval-closed',
          occurredAt: new Date(api.clock.now()).toISOString(),
          body: {},
        },
      ]);
      expect(await answer(row, 'approver', approve(row))).toMatchObject({
        status: 410,
        body: { code: 'approval-closed' },
      });
    },
  );

  test('409 digest-mismatch: another action than the one asked about, before the rest of the body is judged', async () => {
    const row = await asked();
    expect(await answer(row, 'approver', { verdict: 'no such', actionDigest: otherDigest })).toMatchObject({
      status: 409,
      body: { code: 'digest-mismatch' },
    });
  });

  test('409 already-decided: one verdict a person, also for the same answer', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    expect((await answer(row, 'approver', approve(row))).status).toBe(202);
    for (const body of [approve(row), { ...approve(row), verdict: 'reject' }, 'not json']) {
      expect(await answer(row, 'approver', body)).toMatchObject({ status: 409, body: { code: 'already-decided' } });
    }
    expect((await answer(row, 'approver2', approve(row))).status).toBe(202);
  });

  test('two answers of one person at the same time store one verdict', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => answer(row, 'approver', approve(row))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      202, 409, 409, 409, 409, 409, 409, 409,
    ]);
    expect(await api.storage.approvals.verdicts('default', row.approvalId)).toHaveLength(1);
  });

  test.each<[string, (row: ApprovalRow) => unknown, string]>([
    ['no digest', () => ({ verdict: 'approve' }), 'actionDigest'],
    ['a digest of another form', () => ({ verdict: 'approve', actionDigest: 'x' }), 'actionDigest'],
    ['an unknown verdict', (row) => ({ verdict: 'maybe', actionDigest: row.actionDigest }), 'verdict'],
    ['an unknown field', (row) => ({ ...approve(row), force: true }), 'force'],
    ['a reason over the limit', (row) => ({ ...approve(row), reason: 'x'.repeat(2_001) }), 'reason'],
    ['an edit without arguments', (row) => ({ ...approve(row), verdict: 'edit' }), 'args'],
    ['an edit that changes nothing', (row) => edit(row, payment), 'args'],
    ['an edit that lacks an argument', (row) => edit(row, { ...payment, iban: undefined }), 'args'],
    ['an edit with an argument of another type', (row) => edit(row, { ...payment, amount: 'much' }), 'args/amount'],
    ['an edit that nests too deep', (row) => edit(row, { ...payment, reference: nested(40) }), nestedPath],
    ['arguments beside an approval', (row) => ({ ...approve(row), args: {} }), 'args'],
    [
      'a name twice',
      (row) => `{"verdict":"reject","verdict":"approve","actionDigest":"${row.actionDigest}"}`,
      'verdict',
    ],
    ['no JSON', () => 'approve', ''],
    ['a list', () => [], ''],
  ])('400: %s', async (_what, bodyOf, path) => {
    const row = await asked();
    const { status, body } = await answer(row, 'approver', bodyOf(row));
    expect({ status, code: body.code, path: body.errors?.[0]?.path }).toEqual({
      status: 400,
      code: 'invalid-request',
      path,
    });
    expect(await api.storage.approvals.verdicts('default', row.approvalId)).toEqual([]);
  });

  test('are recorded with their code and change nothing', async () => {
    api.clock.advance(600_000);
    const row = await asked();
    await answer(row, 'auditor', approve(row));
    await answer(row, 'approver', { verdict: 'approve', actionDigest: otherDigest });
    expect(await refusedCodes(row.runId)).toEqual(['not-an-approver', 'digest-mismatch']);
    expect((await api.storage.approvals.find('default', row.approvalId))?.state).toBe('pending');
    expect(api.engine.signals.filter(({ runId }) => runId === row.runId)).toEqual([]);
  });

  test('of one person are recorded up to a bound', async () => {
    const row = await asked();
    const attempts = await Promise.all(Array.from({ length: 40 }, () => answer(row, 'lead', approve(row))));
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([403]));
    expect((await refusedCodes(row.runId)).length).toBeLessThanOrEqual(20);
  });
});

describe('between storing and signalling', () => {
  test('an engine out of reach loses no verdict: the pump sends it later', async () => {
    const row = await asked();
    api.engine.reachable = false;
    const { status, body } = await answer(row, 'approver', approve(row));
    api.engine.reachable = true;
    expect(status).toBe(202);
    api.clock.advance(60_000);
    api.services.begin();
    await expect
      .poll(() => api.engine.signals)
      .toContainEqual({ runId: row.runId, approvalId: row.approvalId, verdictId: body['verdictId'] });
  });
});
