import type { Migration } from '../migration.ts';

/** People as an identity provider described them, and sign-ins that are under way. */
export const people: Migration = {
  version: 6,
  statements: [
    `create table people (
      subject_mac text primary key,
      person_key_id text not null,
      person bytea not null,
      learned_at timestamptz not null,
      refreshable boolean not null,
      refresh_claimed_until timestamptz
    )`,
    `create index people_by_learned on people (learned_at)`,
    `create table sign_ins (
      key_hash text primary key,
      sign_in_key_id text not null,
      sign_in bytea not null,
      expires_at timestamptz not null
    )`,
    `create index sign_ins_by_end on sign_ins (expires_at)`,
  ],
};
