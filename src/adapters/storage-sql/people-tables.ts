import type { Big, Instant, OptionalInstant } from './column-types.ts';

export interface SessionsTable {
  id_hash: string;
  tenant: string;
  subject_mac: string;
  session_key_id: string;
  session: Uint8Array;
  last_seen_at: Instant;
  expires_at: Instant;
}

export interface PeopleTable {
  subject_mac: string;
  person_key_id: string;
  person: Uint8Array;
  learned_at: Instant;
  refreshable: boolean;
  refresh_claimed_until: OptionalInstant;
}

export interface SignInsTable {
  key_hash: string;
  sign_in_key_id: string;
  sign_in: Uint8Array;
  expires_at: Instant;
}

export interface PasskeysTable {
  tenant: string;
  passkey_id: string;
  subject_mac: string;
  state: string;
  counter: Big;
  passkey_key_id: string;
  passkey: Uint8Array;
  enrolled_at: Instant;
}

export interface PasskeyChallengesTable {
  challenge_id: string;
  session_hash: string;
  challenge_key_id: string;
  challenge: Uint8Array;
  expires_at: Instant;
}

export interface DelegationsTable {
  tenant: string;
  delegation_id: string;
  from_mac: string;
  to_mac: string;
  state: string;
  begins_at: Instant;
  ends_at: Instant;
  delegation_key_id: string;
  delegation: Uint8Array;
}
