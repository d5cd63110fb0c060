import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maxApprovalNotes } from '../../src/domain/approval-note.ts';
import { approvalClosedRecord } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';
import { askedInRun } from './api-open-approval.ts';

let api: ApiHarness;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const asked = () => askedInRun(api);

const note = async (subject: string, { approvalId }: ApprovalRow, text: string, idempotencyKey?: string) =>
  (await api.as(subject)).approvals.note(approvalId, text, idempotencyKey === undefined ? {} : { idempotencyKey });
const notesOf = async ({ approvalId }: ApprovalRow) =>
  (await (await api.as('auditor')).approvals.notes(approvalId)).items;

describe('a note among colleagues', () => {
  test('is read by everybody who sees the approval, in order, and answers nothing', async () => {
    const row = await asked();
    await note('approver', row, 'Is this supplier new?');
    await note('initiator', row, 'No, since 2019.\nSee PO-1.');
    expect((await notesOf(row)).map(({ by, text }) => [by, text])).toEqual([
      ['approver', 'Is this supplier new?'],
      ['initiator', 'No, since 2019.\nSee PO-1.'],
    ]);
    const view = await (await api.as('approver')).approvals.get(row.approvalId);
    expect(view).toMatchObject({ state: 'pending', verdicts: [] });
    const records = await api.storage.outbox.ofRun('default', row.runId, 0, 100);
    expect(records.filter(({ kind }) => kind === 'approval-noted').map(({ body }) => body['by'])).toEqual([
      'approver',
      'initiator',
    ]);
    expect(JSON.stringify(records)).not.toContain('since 2019');
  });

  test('sent twice with its key is one, and its key with other words is refused', async () => {
    const row = await asked();
    const first = await note('approver', row, 'Why?', 'k-1');
    expect(await note('approver', row, 'Why?', 'k-1')).toEqual(first);
    await expect(note('approver', row, 'Why not?', 'k-1')).rejects.toMatchObject({ code: 'idempotency-conflict' });
    // a key belongs to whoever used it
    await note('approver2', row, 'Why not?', 'k-1');
    expect(await notesOf(row)).toHaveLength(2);
  });

  test('is a person’s own word: no service writes one, and nobody without a login reads one', async () => {
    const row = await asked();
    await expect(note('backend', row, 'Approve this.')).rejects.toMatchObject({ code: 'forbidden' });
    expect((await send(`${api.url}/v1/approvals/${row.approvalId}/notes`)).status).toBe(401);
    for (const approvalId of [`apr_${'0'.repeat(32)}`, '%00', 'apr_%F0%9F%92%A9'])
      for (const method of ['GET', 'POST'])
        expect(
          await send(`${api.url}/v1/approvals/${approvalId}/notes`, {
            method,
            token: await api.token('approver'),
            ...(method === 'POST' && { body: { text: 'x' } }),
          }),
        ).toMatchObject({ status: 404, body: { code: 'approval-not-found' } });
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \n\t'],
    ['too much', 'x'.repeat(2_001)],
  ])('of %s is refused', async (_, text) => {
    await expect(note('approver', await asked(), text)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('comes to nothing once the approval is closed', async () => {
    const row = await asked();
    await note('approver', row, 'Wait.');
    const at = new Date(api.clock.now()).toISOString();
    const record = approvalClosedRecord(row, row, 'rejected', at);
    await api.storage.approvals.close('default', row.approvalId, 'rejected', at, [record]);
    await expect(note('approver', row, 'Too late?')).rejects.toMatchObject({ code: 'approval-closed', status: 410 });
    expect(await notesOf(row)).toHaveLength(1);
  });

  test('is one of a hundred at most, and not faster than a person writes', async () => {
    const row = await asked();
    const refused: unknown[] = [];
    for (let time = 1; time <= 11; time += 1)
      await note('lead', row, `Note ${time}`).catch((error: { readonly code?: string }) => refused.push(error.code));
    expect(refused).toEqual(['rate-limited']);
    for (let time = 11; time <= maxApprovalNotes; time += 1) {
      api.clock.advance(6_000);
      await note('lead', row, `Note ${time}`);
    }
    api.clock.advance(6_000);
    await expect(note('lead', row, 'One more')).rejects.toMatchObject({ code: 'notes-exhausted' });
  });
});
