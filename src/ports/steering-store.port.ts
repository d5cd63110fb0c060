import type { AuditRecord } from '../domain/audit-record.ts';
import type { SignedSteerMessage } from '../domain/steering.ts';

export interface StoredSteerMessage {
  readonly signed: SignedSteerMessage;
  /** Its place in the run, as the row has it; the signed one must be the same. */
  readonly position: number;
  readonly storedAt: string;
  /** The turn whose model call it entered; undefined while it waits, and for ever where the run ended first. */
  readonly takenTurn?: number;
}

export interface UntakenSteerMessage {
  readonly tenant: string;
  readonly runId: string;
  readonly steerId: string;
}

/** Messages of principals to their runs. The journal marks them as taken, in the statement that records the turn. */
export interface SteeringStore {
  /**
   * Stored only while the run is open. `known`: this id was stored before, and this one is dropped.
   * `moved`: another message has this position now; sign for the next one.
   */
  store(signed: SignedSteerMessage, at: string, record: AuditRecord): Promise<'stored' | 'known' | 'moved' | 'closed'>;
  /** Messages after a position, in order. */
  ofRun(tenant: string, runId: string, after: number): Promise<readonly StoredSteerMessage[]>;
  /** Those of the ids that no message of this run has. */
  unknown(tenant: string, runId: string, steerIds: readonly string[]): Promise<readonly string[]>;
  /** Whether a message is there that no model call up to this turn has seen. */
  hasUnheard(tenant: string, runId: string, turn: number): Promise<boolean>;
  /** Messages of open runs that no turn has taken up, oldest first: their runs are told again. */
  untaken(limit: number): Promise<readonly UntakenSteerMessage[]>;
  markSignalled(tenant: string, runId: string, steerId: string, at: string): Promise<void>;
}
