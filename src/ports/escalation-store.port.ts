import type { AuditRecord } from '../domain/audit-record.ts';

/** A pending approval that has come to the time at which more roles are asked. */
export interface ReachedRung {
  readonly tenant: string;
  readonly runId: string;
  readonly approvalId: string;
  readonly callId: string;
  readonly tool: string;
  readonly envelopeRef: string;
  readonly actionDigest: string;
  /** Since when they are asked, ISO 8601. */
  readonly since: string;
  readonly roles: readonly string[];
}

/** The rungs of open questions. Whose verdict counts never rests on this: it follows from the times. */
export interface EscalationStore {
  /** The next rung of each pending approval, not past its end, that has reached it; what was reached first comes first. */
  reached(at: string, limit: number): Promise<readonly ReachedRung[]>;
  /** With its record in one statement, once. False: it was told before, or nobody is asked any more. */
  widen(rung: Pick<ReachedRung, 'tenant' | 'approvalId' | 'since'>, record: AuditRecord): Promise<boolean>;
}
