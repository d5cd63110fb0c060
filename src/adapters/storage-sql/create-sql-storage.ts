import type { Kysely } from 'kysely';
import type { ApprovalInbox } from '../../ports/approval-inbox.port.ts';
import type { ApprovalNotes } from '../../ports/approval-notes.port.ts';
import type { ApprovalStore } from '../../ports/approval-store.port.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { DelegationStore } from '../../ports/delegation-store.port.ts';
import type { EffectLedger } from '../../ports/effect-ledger.port.ts';
import type { EscalationStore } from '../../ports/escalation-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { NudgeStore } from '../../ports/nudge-store.port.ts';
import type { PasskeyChallengeStore, PasskeyStore } from '../../ports/passkey-store.port.ts';
import type { PersonStore, SignInStore } from '../../ports/person-store.port.ts';
import type { MandateStore, RunStore, TurnJournal } from '../../ports/run-store.port.ts';
import type { SessionStore } from '../../ports/session-store.port.ts';
import type { SteeringStore } from '../../ports/steering-store.port.ts';
import { createAppendNotices } from './append-notices.ts';
import { createSqlApprovalInbox } from './sql-approval-inbox.ts';
import { createSqlApprovalNotes } from './sql-approval-notes.ts';
import { createSqlApprovalStore } from './sql-approval-store.ts';
import { createSqlAuditOutbox } from './sql-audit-outbox.ts';
import { createSqlDelegationStore } from './sql-delegation-store.ts';
import { createSqlEffectLedger } from './sql-effect-ledger.ts';
import { createSqlEscalationStore } from './sql-escalation-store.ts';
import { createSqlMandateStore } from './sql-mandate-store.ts';
import { createSqlNudgeStore } from './sql-nudge-store.ts';
import { createSqlPasskeyChallenges } from './sql-passkey-challenges.ts';
import { createSqlPasskeyStore } from './sql-passkey-store.ts';
import { createSqlPersonStore } from './sql-person-store.ts';
import { createSqlRunStore } from './sql-run-store.ts';
import { createSqlSessionStore } from './sql-session-store.ts';
import { createSqlSignInStore } from './sql-sign-in-store.ts';
import { createSqlSteeringStore } from './sql-steering-store.ts';
import { createSqlTurnJournal } from './sql-turn-journal.ts';
import type { StorageTables } from './tables.ts';

export interface SqlStorage {
  readonly runs: RunStore;
  readonly mandates: MandateStore;
  readonly journal: TurnJournal;
  readonly ledger: EffectLedger;
  readonly approvals: ApprovalStore;
  readonly approvalNotes: ApprovalNotes;
  readonly steering: SteeringStore;
  readonly inbox: ApprovalInbox;
  readonly outbox: AuditOutbox;
  readonly sessions: SessionStore;
  readonly escalations: EscalationStore;
  readonly nudges: NudgeStore;
  readonly people: PersonStore;
  readonly signIns: SignInStore;
  readonly passkeys: PasskeyStore;
  readonly passkeyChallenges: PasskeyChallengeStore;
  readonly delegations: DelegationStore;
}

/** Every store of one migrated database, on PGlite or PostgreSQL. Who opened the database closes it. */
export function createSqlStorage({
  db,
  keys,
}: {
  readonly db: Kysely<StorageTables>;
  readonly keys: KeyService;
}): SqlStorage {
  const context = { db, keys, notices: createAppendNotices() };
  return {
    runs: createSqlRunStore(context),
    mandates: createSqlMandateStore(context),
    journal: createSqlTurnJournal(context),
    ledger: createSqlEffectLedger(context),
    approvals: createSqlApprovalStore(context),
    approvalNotes: createSqlApprovalNotes(context),
    steering: createSqlSteeringStore(context),
    inbox: createSqlApprovalInbox(context),
    outbox: createSqlAuditOutbox(context),
    sessions: createSqlSessionStore(context),
    escalations: createSqlEscalationStore(context),
    nudges: createSqlNudgeStore(context),
    people: createSqlPersonStore(context),
    signIns: createSqlSignInStore(context),
    passkeys: createSqlPasskeyStore(context),
    passkeyChallenges: createSqlPasskeyChallenges(context),
    delegations: createSqlDelegationStore(context),
  };
}
