import type { BatchAnswer } from '../../contracts/http/batch.schema.ts';
import type { Principal, RawBody } from '../principal.ts';

/** Several approvals that one person answers together. */
export interface BatchService {
  /**
   * Each item is a verdict of its own, in the order of the list; one that is refused disturbs no other. The same answer
   * again is the verdict that was stored. Code for the whole: `invalid-request`.
   */
  giveVerdicts(principal: Principal, body: RawBody): Promise<BatchAnswer>;
}
