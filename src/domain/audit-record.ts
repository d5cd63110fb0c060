import type { JsonObject } from './json.ts';

/** Kinds of records; the public event stream is a projection of some of them. */
export const auditKinds = [
  'run-started',
  'mandate-frozen',
  'model-called',
  'action-decided',
  'approval-opened',
  'approval-widened',
  'verdict-given',
  'verdict-withdrawn',
  'verdict-refused',
  'approval-noted',
  'signal-refused',
  'run-steered',
  'steering-taken',
  'steering-refused',
  'approval-closed',
  'effect-reserved',
  'effect-landed',
  'effect-did-not-happen',
  'effect-in-doubt',
  'run-closed',
  'session-opened',
  'sessions-ended',
  'passkey-enrolled',
  'passkey-confirmed',
  'passkey-revoked',
  'approvals-delegated',
  'delegation-ended',
  'manifest-published',
  'policy-activated',
  'nudge-sent',
  'nudge-failed',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** One thing that happened. Facts only: ids, digests, codes, rule names; content stays in blobs. */
export interface AuditRecord {
  /** Unique for ever, derived from what it records: writing it again adds nothing. */
  readonly recordKey: string;
  readonly tenant: string;
  /** Empty where no run is concerned. */
  readonly runId: string;
  readonly kind: AuditKind;
  /** ISO 8601, by the worker's clock. */
  readonly occurredAt: string;
  readonly body: JsonObject;
}

/** The kinds that `GET /v1/runs/{runId}/events` shows, under the same names. */
export const publicEvents = [
  'run-started',
  'mandate-frozen',
  'model-called',
  'action-decided',
  'approval-opened',
  'verdict-given',
  'approval-closed',
  'effect-landed',
  'effect-in-doubt',
  'run-closed',
] as const satisfies readonly AuditKind[];
export type PublicEvent = (typeof publicEvents)[number];
