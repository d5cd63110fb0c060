import type { AuditRecord } from '../domain/audit-record.ts';
import type { Mandate, Spent } from '../domain/mandate.ts';
import type { ClosedRunState, RunFailure } from '../domain/run.ts';
import type { SignedTicket } from '../domain/ticket.ts';
import type { BlobRef } from './blob-store.port.ts';
import type { LedgerStanding } from './effect-ledger.port.ts';
import type { Signature } from './key-service.port.ts';

export interface RunRow {
  readonly tenant: string;
  readonly runId: string;
  readonly agent: string;
  readonly agentVersion: number;
  readonly initiator: string;
  readonly signedTicket: SignedTicket;
  /** Undefined while it is open. */
  readonly closed?: {
    readonly state: ClosedRunState;
    readonly at: string;
    readonly failure?: RunFailure;
    readonly outputRef?: BlobRef;
  };
  readonly pendingApprovals: number;
  readonly usage: Spent;
  readonly startedAt: string;
}

export interface Admission {
  readonly tenant: string;
  readonly runId: string;
  /** Digest of the whole request: the same one again is the same run. */
  readonly requestDigest: string;
  readonly signedTicket: SignedTicket;
}

export interface RunPage {
  readonly items: readonly RunRow[];
  readonly next?: string;
}

/** Runs as SQL remembers them: admission, usage, end. Run ids are unique for ever. */
export interface RunStore {
  /** `same`: this id and digest were admitted before. `conflict`: this id belongs to another request. */
  admit(admission: Admission, record: AuditRecord): Promise<'created' | 'same' | 'conflict'>;
  find(tenant: string, runId: string): Promise<RunRow | undefined>;
  list(tenant: string, page: { readonly limit: number; readonly cursor?: string }): Promise<RunPage>;
  /** Admitted runs that are not closed, for the start-up sweep that makes sure each has its workflow. */
  open(limit: number): Promise<readonly RunRow[]>;
  /** First close wins; a repeated one changes nothing. */
  close(tenant: string, runId: string, end: NonNullable<RunRow['closed']>, record: AuditRecord): Promise<void>;
}

export interface SealedMandate {
  readonly tenant: string;
  readonly runId: string;
  readonly mandate: Mandate;
  readonly seal: Signature;
}

/** The sealed mandate of a run: written once, never changed. */
export interface MandateStore {
  /** First freeze wins and is returned. */
  freeze(sealed: SealedMandate, record: AuditRecord): Promise<SealedMandate>;
  find(tenant: string, runId: string): Promise<SealedMandate | undefined>;
}

export interface TurnEntry {
  readonly tenant: string;
  readonly runId: string;
  readonly turn: number;
  readonly transcriptDigest: string;
  readonly outcomeRef: BlobRef;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly costMicroUsd: number };
  /** Position of the principal's last message that the call has seen: it and those before it are taken. */
  readonly steeredTo?: number;
}

/** The model's answers by (run, turn, transcript): after a reset the same proposals come back. */
export interface TurnJournal {
  /** Where the run stands, and the turn's outcome if it has one: one query, because every step asks for both. */
  find(
    tenant: string,
    runId: string,
    turn: number,
    transcriptDigest: string,
  ): Promise<{
    readonly standing: LedgerStanding;
    readonly outcomeRef?: BlobRef;
    /** Position of the principal's last message to the run; 0 where there is none. */
    readonly steeredTo: number;
  }>;
  /** One statement: entry, usage of the run, messages that were taken, records. First writer wins and is returned with the run's usage. */
  record(
    entry: TurnEntry,
    records: readonly AuditRecord[],
  ): Promise<{ readonly outcomeRef: BlobRef; readonly spent: Spent }>;
}
