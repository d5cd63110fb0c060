import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../src/cli/approvals/verify-receipt.ts';
import type { Receipt } from '../../src/contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { approvalClosedRecord } from '../../src/domain/record-bodies.ts';
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

const answer = async (subject: string, { approvalId, actionDigest }: ApprovalRow, verdict: 'approve' | 'reject') =>
  (await api.as(subject)).approvals.decide(approvalId, { verdict, actionDigest });
const takeBack = async (subject: string, { approvalId }: ApprovalRow) =>
  (await api.as(subject)).approvals.withdraw(approvalId);
const viewOf = async ({ approvalId }: ApprovalRow) => (await api.as('approver')).approvals.get(approvalId);
const recordsOf = async (row: ApprovalRow) =>
  (await api.storage.outbox.ofRun('default', row.runId, 0, 100)).map(({ kind }) => kind);

/** What the gate does once enough people have approved. */
async function approve(row: ApprovalRow): Promise<void> {
  const at = new Date(api.clock.now()).toISOString();
  const record = approvalClosedRecord(row, row, 'approved', at);
  expect(await api.storage.approvals.close('default', row.approvalId, 'approved', at, [record])).toBe('approved');
}

describe('an answer that is taken back', () => {
  test('counts no more, is shown as what it was, and may be followed by another', async () => {
    const row = await asked({ requirement: { quorum: 2 } });
    const { verdictId } = await answer('approver', row, 'approve');
    expect(await takeBack('approver', row)).toMatchObject({ verdictId });
    const taken = await viewOf(row);
    expect(taken).toMatchObject({ state: 'pending', verdicts: [] });
    expect(taken.withdrawnVerdicts).toMatchObject([{ by: 'approver', verdict: 'approve' }]);
    await answer('approver', row, 'reject');
    expect((await viewOf(row)).verdicts).toMatchObject([{ by: 'approver', verdict: 'reject' }]);
    expect(await recordsOf(row)).toEqual([
      'run-started',
      'approval-opened',
      'verdict-given',
      'verdict-withdrawn',
      'verdict-given',
    ]);
  });

  test('withdraws an approval that has not begun, which then takes no answer and no second thought', async () => {
    const row = await asked();
    await answer('approver', row, 'approve');
    await approve(row);
    await takeBack('approver', row);
    expect((await viewOf(row)).state).toBe('withdrawn');
    expect((await recordsOf(row)).slice(-2)).toEqual(['verdict-withdrawn', 'approval-closed']);
    await expect(takeBack('approver', row)).rejects.toMatchObject({ code: 'verdict-not-found', status: 404 });
    await expect(answer('approver2', row, 'approve')).rejects.toMatchObject({ code: 'approval-closed' });
  });

  test('is taken back by nobody else, and not before it was given', async () => {
    const row = await asked();
    await expect(takeBack('approver', row)).rejects.toMatchObject({ code: 'verdict-not-found' });
    await answer('approver', row, 'approve');
    for (const other of ['approver2', 'lead', 'admin', 'initiator'])
      await expect(takeBack(other, row)).rejects.toMatchObject({ code: 'verdict-not-found' });
    const { status } = await send(`${api.url}/v1/approvals/${row.approvalId}/withdraw`, { method: 'POST' });
    expect(status).toBe(401);
    expect((await viewOf(row)).verdicts).toHaveLength(1);
  });

  test('stays where the approval is closed', async () => {
    const row = await asked();
    await answer('approver', row, 'reject');
    const at = new Date(api.clock.now()).toISOString();
    const record = approvalClosedRecord(row, row, 'rejected', at);
    await api.storage.approvals.close('default', row.approvalId, 'rejected', at, [record]);
    await expect(takeBack('approver', row)).rejects.toMatchObject({ code: 'approval-closed', status: 410 });
    expect((await viewOf(row)).verdicts).toHaveLength(1);
  });

  test('is in the receipt with its giver’s word, and counts there as little', async () => {
    const row = await asked();
    await answer('approver2', row, 'approve');
    await takeBack('approver2', row);
    await answer('approver', row, 'approve');
    await approve(row);
    const headers = { authorization: `Bearer ${await api.token('approver')}` };
    const text = await (await fetch(`${api.url}/v1/approvals/${row.approvalId}/receipt`, { headers })).text();
    const checked = await verifyReceipt(text);
    expect(checked).toMatchObject({ verified: true });
    expect(checked.receipt?.withdrawnVerdicts).toHaveLength(1);
    // whoever holds every key but the one for verdicts cannot give it back its weight without leaving its end out
    const { seal: _, ...body } = JSON.parse(text) as Receipt;
    const [withdrawn] = body.withdrawnVerdicts ?? [];
    if (withdrawn === undefined) throw new Error('the receipt holds what was taken back');
    const { verdict, keyId, signature } = withdrawn;
    const sealedAgain = async (change: object) => {
      const changed = { ...body, ...change } as object as JsonObject;
      const seal = await api.keys.sign('receipt', canonicalJson(changed));
      const { checks } = await verifyReceipt(canonicalJson({ ...changed, seal: { ...seal } }));
      return checks.filter(({ holds }) => !holds).map(({ name }) => name);
    };
    expect(await sealedAgain({})).toEqual([]);
    expect(await sealedAgain({ verdicts: [], withdrawnVerdicts: body.withdrawnVerdicts })).toEqual(['quorum']);
    // a verdict stands or was taken back
    expect(await sealedAgain({ verdicts: [...body.verdicts, { verdict, keyId, signature }] })).toEqual(['bindings']);
    const word = withdrawn.withdrawn;
    const later = { ...word, withdrawal: { ...word.withdrawal, at: '2999-01-01T00:00:00.000Z' } };
    expect(await sealedAgain({ withdrawnVerdicts: [{ verdict, keyId, signature, withdrawn: later }] })).toEqual([
      'verdicts',
    ]);
    const ofAnother = { ...word, withdrawal: { ...word.withdrawal, approver: 'approver' } };
    expect(await sealedAgain({ withdrawnVerdicts: [{ verdict, keyId, signature, withdrawn: ofAnother }] })).toEqual([
      'bindings',
      'verdicts',
    ]);
  });

  test('stays after it was taken back twenty times', async () => {
    const row = await asked();
    for (let time = 1; time <= 20; time += 1) {
      await answer('approver', row, 'approve');
      await takeBack('approver', row);
    }
    await answer('approver', row, 'reject');
    await expect(takeBack('approver', row)).rejects.toMatchObject({ code: 'already-decided' });
  });
});
