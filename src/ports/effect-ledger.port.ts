import type { AuditRecord } from '../domain/audit-record.ts';
import type { EffectState } from '../domain/effect.ts';
import type { Spent } from '../domain/mandate.ts';
import type { BlobRef } from './blob-store.port.ts';

export interface LedgerRow {
  readonly key: string;
  readonly tenant: string;
  readonly runId: string;
  readonly tool: string;
  readonly actionDigest: string;
  readonly state: EffectState;
  readonly attempts: number;
  readonly outcomeRef?: BlobRef;
  readonly approvalId?: string;
  readonly reservedAt: string;
  readonly settledAt?: string;
}

export interface Reservation {
  readonly key: string;
  readonly tenant: string;
  readonly runId: string;
  readonly tool: string;
  readonly actionDigest: string;
  readonly approvalId?: string;
  /** Verdict nonces that this effect spends; in the same statement, and each only once ever. */
  readonly nonces: readonly string[];
  /** The mandate's counts, kept here so that they survive resets: of this tool, and of all tools together. */
  readonly limits: { readonly tool: number; readonly total: number };
  /** ISO 8601. */
  readonly at: string;
}

export type ReserveOutcome =
  | { readonly kind: 'reserved' }
  /** An earlier attempt holds the key with the same digest; `attempts` has been counted up. */
  | { readonly kind: 'known'; readonly row: LedgerRow }
  | { readonly kind: 'digest-conflict' }
  | { readonly kind: 'limit-reached'; readonly limit: 'tool' | 'total' }
  /** A nonce was spent by another effect, or the approval is not `approved`. */
  | { readonly kind: 'approval-spent' }
  /** The run was closed or never admitted: nothing is reserved for it any more. */
  | { readonly kind: 'run-closed' };

/** Where a run stands before an action is decided: one query, because both decision points ask it on every step. */
export interface LedgerStanding {
  /** Not admitted, or closed. */
  readonly closed: boolean;
  /** Reserved calls by tool, as counted for the mandate. */
  readonly calls: Readonly<Record<string, number>>;
  readonly totalCalls: number;
  readonly spent: Spent;
  /** A person has edited an action of this run, so whoever decides must ask who wrote what. */
  readonly hasEdits: boolean;
  /** The row under the key that was asked for, if there is one. */
  readonly row?: LedgerRow;
}

/**
 * What is known of every effect. Each transition is one statement together with its audit records,
 * one way: `reserved` → `landed` | `did-not-happen` | `in-doubt`, and `in-doubt` → `landed` | `did-not-happen`.
 */
export interface EffectLedger {
  /** With `approvalId`, the approval goes `approved` → `consumed` in the same statement. */
  reserve(reservation: Reservation, records: readonly AuditRecord[]): Promise<ReserveOutcome>;
  land(key: string, outcomeRef: BlobRef, at: string, records: readonly AuditRecord[]): Promise<void>;
  didNotHappen(key: string, outcomeRef: BlobRef, at: string, records: readonly AuditRecord[]): Promise<void>;
  inDoubt(key: string, at: string, records: readonly AuditRecord[]): Promise<void>;
  standing(tenant: string, runId: string, key?: string): Promise<LedgerStanding>;
  ofRun(tenant: string, runId: string): Promise<readonly LedgerRow[]>;
}
