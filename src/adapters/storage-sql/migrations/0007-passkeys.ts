import type { Migration } from '../migration.ts';

/** Passkeys with which people prove a verdict, and the challenges that wait for an answer. */
export const passkeys: Migration = {
  version: 7,
  statements: [
    `create table passkeys (
      tenant text not null,
      passkey_id text not null,
      subject_mac text not null,
      state text not null check (state in ('waiting', 'confirmed', 'revoked')),
      counter bigint not null,
      passkey_key_id text not null,
      passkey bytea not null,
      enrolled_at timestamptz not null,
      primary key (tenant, passkey_id)
    )`,
    `create index passkeys_of_person on passkeys (tenant, subject_mac)`,
    `create table passkey_challenges (
      challenge_id text primary key,
      session_hash text not null,
      challenge_key_id text not null,
      challenge bytea not null,
      expires_at timestamptz not null
    )`,
    `create index passkey_challenges_by_session on passkey_challenges (session_hash)`,
    `create index passkey_challenges_by_end on passkey_challenges (expires_at)`,
  ],
};
