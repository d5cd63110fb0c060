import type {
  ApprovalQuery,
  ApprovalView,
  ApprovalViewPage,
  VerdictReceipt,
  WithdrawnVerdictView,
} from '../../contracts/http/approval.schema.ts';
import type { PasskeyChallengeView } from '../../contracts/http/passkey.schema.ts';
import type { Receipt } from '../../contracts/http/receipt.schema.ts';
import type { StoredEnvelope } from '../../contracts/http/stored-action.schema.ts';
import type { ActionSheet } from '../../domain/action-sheet.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { LentStanding } from '../delegations/delegation-service.ts';
import type { Principal, RawBody } from '../principal.ts';

/** An approval with what the page shows beyond the API's view. */
export interface ApprovalDetail extends LentStanding {
  readonly view: ApprovalView;
  readonly row: ApprovalRow;
  /** What the approver is shown; the renderer uses this and nothing else of the action. */
  readonly sheet: ActionSheet;
  readonly envelope: StoredEnvelope;
  /** The agent's instructions, as they were reviewed for the version that runs; absent where they are not at hand. */
  readonly prompt?: { readonly text: string; readonly digest: string };
  /** Whether this principal may answer now, or the code that his verdict would meet. */
  readonly answerable: AnswerObjection | 'yes';
  /** Whether an answer of this principal can still be taken back. */
  readonly withdrawable: boolean;
  /** Where policy asks for a step-up: what this principal has to prove it with. */
  readonly passkey?: PasskeyStanding;
  /** Where policy asks for a step-up and signing in again is one: the provider's host. */
  readonly reauthentication?: string;
}

export type PasskeyStanding = 'confirmed' | 'waiting' | 'none';

export type AnswerObjection =
  | 'not-an-approver'
  | 'self-approval'
  | 'step-up-required'
  | 'approval-closed'
  | 'already-decided';

export interface ApprovalService {
  listApprovals(principal: Principal, query: ApprovalQuery): Promise<ApprovalViewPage>;
  /** Code: `approval-not-found`. */
  findApproval(principal: Principal, approvalId: string): Promise<ApprovalView>;
  /** What somebody who may see the approval can keep and check elsewhere. Code: `approval-not-found`. */
  receiptOf(principal: Principal, approvalId: string): Promise<Receipt>;
  findApprovalDetail(principal: Principal, approvalId: string): Promise<ApprovalDetail>;
  /**
   * Resolves once the verdict is stored and signed; what becomes of it is read from the approval.
   * Refuses in the order of the contract: `approval-not-found`; `not-an-approver`, `self-approval`, `step-up-required`;
   * `approval-closed`; `digest-mismatch`, `already-decided`; `invalid-request`.
   */
  giveVerdict(principal: Principal, approvalId: string, body: RawBody): Promise<VerdictReceipt>;
  /**
   * Takes the principal's own answer back, until its effect begins.
   * Codes: `approval-not-found`, `verdict-not-found`, `approval-closed`; `already-decided` after too many times.
   */
  withdrawVerdict(principal: Principal, approvalId: string): Promise<WithdrawnVerdictView>;
  /**
   * What the principal's passkey has to sign for exactly this verdict, once and soon.
   * Refuses like `giveVerdict`; `step-up-required` without a confirmed passkey, `forbidden` without a login session.
   */
  challengeVerdict(principal: Principal, approvalId: string, body: RawBody): Promise<PasskeyChallengeView>;
}
