import type { DelegationListView, DelegationQuery, DelegationView } from '../../contracts/http/delegation.schema.ts';
import type { Principal } from '../principal.ts';

/** Lending the right to answer approvals. */
export interface DelegationService {
  /** What the principal lent and what was lent to him; with `all`, the tenant's, for administrators. Code: `forbidden`. */
  listDelegations(principal: Principal, query: DelegationQuery): Promise<DelegationListView>;
  /** Codes: `forbidden` for a service, `invalid-request`, `delegation-limit`. */
  lend(principal: Principal, body: unknown): Promise<DelegationView>;
  /** For the lender and administrators; once more changes nothing. Codes: `not-found`, `forbidden`. */
  endDelegation(principal: Principal, delegationId: string): Promise<DelegationView>;
}

/** Why what was lent to somebody does not count for a question: a step-up is asked for, or the lender is involved himself. */
export type LentInVain = 'step-up' | 'lender';

/** What an approval's page says of a right that is not the reader's own. */
export interface LentStanding {
  /** Whose right his answer would use, and until when. */
  readonly lent?: { readonly from: string; readonly ends: string };
  readonly lentInVain?: LentInVain;
}
