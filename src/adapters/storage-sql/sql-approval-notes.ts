import { type RawBuilder, sql } from 'kysely';
import { type ApprovalNote, maxApprovalNotes } from '../../domain/approval-note.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { withdrawableStates } from '../../domain/verdict-withdrawal.ts';
import type { ApprovalNotes } from '../../ports/approval-notes.port.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import { type OutboxRows, outboxRows, withRecords } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

interface NoteRow {
  readonly open: boolean;
  readonly stored: boolean;
  readonly known: boolean;
  readonly notes: number;
}

const noteContext = (approvalId: string, noteId: string) => `approval-note/${approvalId}/${noteId}`;

/** Notes of people: sealed, in the order in which they were stored. */
export function createSqlApprovalNotes({ db, keys, notices }: StorageContext): ApprovalNotes {
  return {
    async add(note, record) {
      const sealed = await sealJson(keys, note.tenant, noteContext(note.approvalId, note.noteId), note);
      const statement = noteStatement(note, sealed, await outboxRows(keys, [record]));
      const outcome = await transition(db, statement, noteOutcomeOf);
      if (outcome === 'stored') notices.committed([record]);
      return outcome;
    },

    async of(tenant, approvalId) {
      const rows = await query(() =>
        db
          .selectFrom('approval_notes')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('approval_id', '=', approvalId)
          .orderBy('position')
          .execute(),
      );
      const notes = await Promise.all(
        rows.map(({ note_id, note_key_id, note }) =>
          openJson<ApprovalNote>(keys, tenant, noteContext(approvalId, note_id), {
            keyId: note_key_id,
            bytes: note,
          }).catch(unlessUndecodable),
        ),
      );
      return notes.filter((note) => note !== undefined);
    },
  };
}

/** A row that does not open is nobody's word, and hides no other. */
function unlessUndecodable(error: unknown): undefined {
  if (!(error instanceof CountersignError) || error.code !== 'undecodable') throw error;
}

function noteStatement(
  { tenant, approvalId, noteId, at }: ApprovalNote,
  sealed: Sealed,
  rows: OutboxRows,
): RawBuilder<NoteRow> {
  const notes = sql`(select count(*) from approval_notes where tenant = ${tenant}::text and approval_id = ${approvalId}::text)`;
  return sql<NoteRow>`
    with open as materialized (
      select 1 from approvals where tenant = ${tenant}::text and approval_id = ${approvalId}::text
        and state = any (${[...withdrawableStates]}::text[])
      for share
    ), changed as (
      insert into approval_notes (tenant, approval_id, note_id, note_key_id, note, stored_at)
      select ${tenant}::text, ${approvalId}::text, ${noteId}::text, ${sealed.keyId}::text, ${sealed.bytes}::bytea,
        ${at}::timestamptz
      from open where ${notes} < ${maxApprovalNotes}::integer
      on conflict do nothing
      returning 1
    ), ${withRecords(rows)}
    select exists (select from open) as open, exists (select from changed) as stored,
      exists (select from approval_notes where tenant = ${tenant}::text and note_id = ${noteId}::text) as known,
      ${notes}::integer as notes`;
}

/** Undefined: the same note was committed after this statement's snapshot. */
function noteOutcomeOf(row: NoteRow): 'stored' | 'known' | 'closed' | 'full' | undefined {
  if (row.stored) return 'stored';
  if (row.known) return 'known';
  if (!row.open) return 'closed';
  return row.notes >= maxApprovalNotes ? 'full' : undefined;
}
