import type { AuditRecord } from '../domain/audit-record.ts';
import type { DelegationState, SignedDelegation } from '../domain/delegation.ts';

/** A signed delegation, and what became of it. The signature is for whoever reads the row to verify. */
export interface DelegationRow {
  readonly signed: SignedDelegation;
  readonly state: DelegationState;
  readonly endedBy?: string;
  readonly endedAt?: string;
}

export interface DelegationFilter {
  readonly tenant: string;
  readonly from?: string;
  readonly to?: string;
  /** Only what is active and has begun and not ended at this time, ISO 8601. */
  readonly inForceAt?: string;
  readonly limit: number;
}

/** Delegations, one way: what has ended stays ended. Every change is one statement with its record. */
export interface DelegationStore {
  /** `limit`: the lender has `most` that are active and not over at the delegation's `at`. */
  lend(signed: SignedDelegation, most: number, record: AuditRecord): Promise<'lent' | 'limit'>;
  /** Undefined also where the row does not open. */
  find(tenant: string, delegationId: string): Promise<DelegationRow | undefined>;
  /** Those that open; what ends last comes first, and what was ended early after all that was not. */
  list(filter: DelegationFilter): Promise<readonly DelegationRow[]>;
  /** False where it was not active any more. */
  end(
    signed: SignedDelegation,
    ended: { readonly by: string; readonly at: string },
    record: AuditRecord,
  ): Promise<boolean>;
}
