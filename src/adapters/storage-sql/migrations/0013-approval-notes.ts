import type { Migration } from '../migration.ts';

/** What people say to each other about a question. */
export const approvalNotes: Migration = {
  version: 13,
  statements: [
    `create table approval_notes (
      tenant text not null,
      approval_id text not null,
      note_id text not null,
      note_key_id text not null,
      note bytea not null,
      stored_at timestamptz not null,
      position bigint generated always as identity,
      primary key (tenant, note_id),
      foreign key (tenant, approval_id) references approvals
    )`,
    `create index approval_notes_of on approval_notes (tenant, approval_id, position)`,
  ],
};
