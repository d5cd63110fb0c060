import type { Generated } from 'kysely';
import type { Big, Instant, OptionalInstant } from './column-types.ts';
import type {
  DelegationsTable,
  PasskeyChallengesTable,
  PasskeysTable,
  PeopleTable,
  SessionsTable,
  SignInsTable,
} from './people-tables.ts';

export interface RunsTable {
  tenant: string;
  run_id: string;
  agent: string;
  agent_version: number;
  request_mac: string;
  ticket_key_id: string;
  ticket: Uint8Array;
  started_at: Instant;
  closed_state: string | null;
  closed_at: OptionalInstant;
  failure_key_id: string | null;
  failure: Uint8Array | null;
  output_ref: string | null;
}

export interface RunUsageTable {
  tenant: string;
  run_id: string;
  model_calls: Generated<number>;
  tool_calls: Generated<number>;
  input_tokens: Big;
  output_tokens: Big;
  cost_micro_usd: Big;
  /** Reserved effects by tool. */
  per_tool: Generated<Record<string, number>>;
  /** Set with the run's end: the counter's row is where a reservation and the end of its run meet. */
  closed: Generated<boolean>;
  /** Set with the first edit that a person signs. */
  has_edits: Generated<boolean>;
}

export interface MandatesTable {
  tenant: string;
  run_id: string;
  mandate_key_id: string;
  mandate: Uint8Array;
}

export interface TurnsTable {
  tenant: string;
  run_id: string;
  turn: number;
  transcript_mac: string;
  outcome_ref: string;
}

export interface EffectsTable {
  key: string;
  tenant: string;
  run_id: string;
  tool: string;
  action_digest: string;
  state: string;
  attempts: number;
  approval_id: string | null;
  approval_consumed: boolean;
  outcome_ref: string | null;
  reserved_at: Instant;
  settled_at: OptionalInstant;
}

export interface SpentNoncesTable {
  tenant: string;
  nonce: string;
  effect_key: string;
}

export interface ApprovalsTable {
  tenant: string;
  approval_id: string;
  run_id: string;
  agent: string;
  call_id: string;
  kind: string;
  tool: string;
  state: string;
  action_digest: string;
  render_hash: string;
  envelope_ref: string;
  sheet_ref: string;
  risk: string;
  details_key_id: string;
  details: Uint8Array;
  /** With the three after it null in a row that was opened before there were summaries. */
  asked_roles: string[] | null;
  asked_step_up: boolean | null;
  initiator_mac: string | null;
  owner_mac: string | null;
  /** Roles that are asked later, and from when, side by side; null where none is. */
  later_roles: string[] | null;
  later_at: Date[] | null;
  /** The next rung of which no record says that it was reached. */
  widens_at: OptionalInstant;
  /** When policy wants people reminded. */
  remind_at: OptionalInstant;
  /** Null in a row that was opened before likeness was kept: it is answered by itself. */
  likeness: string | null;
  summary_key_id: string | null;
  summary: Uint8Array | null;
  created_at: Instant;
  expires_at: Instant;
  closed_at: OptionalInstant;
  superseded_by: string | null;
  consumed_by: string | null;
  revision: Generated<number>;
}

export interface VerdictsTable {
  tenant: string;
  approval_id: string;
  approver_mac: string;
  verdict_id: string;
  verdict_key_id: string;
  verdict: Uint8Array;
  stored_at: Instant;
  signalled_at: OptionalInstant;
  edits: Generated<boolean>;
  withdrawn_at: OptionalInstant;
  withdrawal_key_id: string | null;
  withdrawal: Uint8Array | null;
}

export interface ApprovalNotesTable {
  tenant: string;
  approval_id: string;
  note_id: string;
  note_key_id: string;
  note: Uint8Array;
  stored_at: Instant;
  position: Big;
}

export interface RunSteeringTable {
  tenant: string;
  run_id: string;
  position: number;
  steer_id: string;
  message_key_id: string;
  message: Uint8Array;
  stored_at: Instant;
  signalled_at: OptionalInstant;
  taken_turn: number | null;
}

export interface AuditOutboxTable {
  position: Big;
  tenant: string;
  record_key: string;
  run_id: string;
  kind: string;
  occurred_at: Instant;
  key_id: string;
  body: Uint8Array;
}

export interface NudgesTable {
  tenant: string;
  approval_id: string;
  occasion: string;
  /** Seconds from the opening to the rung that the message speaks of; 0 for every other occasion. */
  rung: Generated<number>;
  /** The operator's name for it; empty where there is nobody to tell. */
  channel: string;
  nudge_id: string;
  state: string;
  attempts: Generated<number>;
  planned_at: Instant;
  next_at: Instant;
  settled_at: OptionalInstant;
  code: string | null;
}

export interface StorageTables {
  people: PeopleTable;
  sign_ins: SignInsTable;
  runs: RunsTable;
  run_usage: RunUsageTable;
  mandates: MandatesTable;
  turns: TurnsTable;
  effects: EffectsTable;
  spent_nonces: SpentNoncesTable;
  approvals: ApprovalsTable;
  verdicts: VerdictsTable;
  approval_notes: ApprovalNotesTable;
  run_steering: RunSteeringTable;
  audit_outbox: AuditOutboxTable;
  sessions: SessionsTable;
  nudges: NudgesTable;
  passkeys: PasskeysTable;
  passkey_challenges: PasskeyChallengesTable;
  delegations: DelegationsTable;
}
