import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admit, approvalOf, at, type OpenedStorage, openStorage, recordOf } from './storage-fixture.ts';

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
}, 60_000);
afterAll(() => storage.end());

test('a note that does not open hides neither the others nor the approval', async () => {
  await admit(storage, 'noted');
  const { approvalId, tenant } = approvalOf('noted');
  await storage.approvals.open(approvalOf('noted'), recordOf('noted', 'approval-opened', approvalId));
  for (const text of ['First.', 'Second.', 'Third.']) {
    const note = { noteId: `note_${text}`, tenant, approvalId, by: 'lead', text, at };
    expect(await storage.approvalNotes.add(note, recordOf('noted', 'approval-noted', text))).toBe('stored');
  }
  await sql`update approval_notes set note = (select other.note from approval_notes as other where other.note_id = 'note_Third.')
    where note_id = 'note_Second.'`.execute(storage.database.db);
  expect((await storage.approvalNotes.of(tenant, approvalId)).map(({ text }) => text)).toEqual(['First.', 'Third.']);
});
