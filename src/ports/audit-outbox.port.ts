import type { AuditKind, AuditRecord } from '../domain/audit-record.ts';

/** A record as it was stored. `position` grows within the whole outbox and is the event id of the API. */
export interface StoredRecord extends AuditRecord {
  readonly position: number;
  readonly keyId: string;
}

/** Where every record waits for the log. Bodies are encrypted at rest; writing a record key again adds nothing. */
export interface AuditOutbox {
  append(records: readonly AuditRecord[]): Promise<void>;
  /** Records of a run after a position, oldest first; of these kinds only, where some are named. */
  ofRun(
    tenant: string,
    runId: string,
    after: number,
    limit: number,
    kinds?: readonly AuditKind[],
  ): Promise<readonly StoredRecord[]>;
  /** Calls back, without content, soon after a record of this tenant was committed by this process; returns the unsubscribe. */
  onAppend(listener: (tenant: string, runId: string) => void): () => void;
}
