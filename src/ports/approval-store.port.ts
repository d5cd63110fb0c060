import type { ActionKind, RiskTier } from '../domain/action.ts';
import type { ApprovalState, SignedVerdict } from '../domain/approval.ts';
import type { ApprovalSummary } from '../domain/approval-summary.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { ApprovalRequirement, Reason } from '../domain/decision.ts';
import { approvalClosedRecord } from '../domain/record-bodies.ts';
import type { SignedWithdrawal, WithdrawableState } from '../domain/verdict-withdrawal.ts';
import type { InboxFilter, InboxViewer } from './approval-inbox.port.ts';
import type { BlobRef } from './blob-store.port.ts';

export interface ApprovalRow {
  readonly approvalId: string;
  readonly tenant: string;
  readonly runId: string;
  readonly agent: string;
  readonly callId: string;
  readonly kind: ActionKind;
  readonly tool: string;
  readonly state: ApprovalState;
  readonly actionDigest: string;
  readonly renderHash: string;
  readonly envelopeRef: BlobRef;
  readonly sheetRef: BlobRef;
  readonly risk: RiskTier;
  readonly reasons: readonly Reason[];
  readonly requirement: ApprovalRequirement;
  readonly initiator: string;
  readonly ownerGroup: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly closedAt?: string;
  readonly supersededBy?: string;
  /** Counts up with every verdict that is stored or taken back: whoever judges them says which ones he has seen. */
  readonly revision: number;
  /** In lists only: what is sealed in the row does not open, so it asks for no role and names nobody. */
  readonly unreadable?: true;
}

export interface StoredVerdict {
  readonly signed: SignedVerdict;
  readonly storedAt: string;
}

/** A verdict that its giver took back, with his word for it. */
export interface WithdrawnVerdict extends StoredVerdict {
  readonly withdrawn: SignedWithdrawal;
}

export interface UnconsumedVerdict {
  readonly tenant: string;
  readonly runId: string;
  readonly approvalId: string;
  readonly verdictId: string;
  readonly signalledAt?: string;
}

export interface ApprovalFilter {
  readonly state?: ApprovalState;
  readonly runId?: string;
  readonly narrowed?: Omit<InboxFilter, 'asked'>;
  /** Only what is asked of this person; needs `now`, ISO 8601. */
  readonly viewer?: InboxViewer;
  readonly now?: string;
  /** `newest` unless told; `expiry`: what expires first comes first. A cursor belongs to one order. */
  readonly order?: 'newest' | 'expiry';
  readonly limit: number;
  readonly cursor?: string;
}

/** Approvals and verdicts. Every state change is conditional on the state before, in the same statement as its records. */
export interface ApprovalStore {
  /** The same approval again changes nothing; returns the row in force. Without a summary it gets one when it is first listed. */
  open(row: ApprovalRow, record: AuditRecord, summary?: ApprovalSummary): Promise<ApprovalRow>;
  find(tenant: string, approvalId: string): Promise<ApprovalRow | undefined>;
  list(
    tenant: string,
    filter: ApprovalFilter,
  ): Promise<{ readonly items: readonly ApprovalRow[]; readonly next?: string }>;
  /** Those that stand, oldest first. */
  verdicts(tenant: string, approvalId: string): Promise<readonly StoredVerdict[]>;
  /** Those that were taken back, oldest first. */
  withdrawnVerdicts(tenant: string, approvalId: string): Promise<readonly WithdrawnVerdict[]>;
  /** Stored only while the approval is pending and not past its end; one verdict a person that stands. */
  storeVerdict(
    signed: SignedVerdict,
    at: string,
    record: AuditRecord,
  ): Promise<'stored' | 'closed' | 'already-decided'>;
  /**
   * A standing verdict of an approval that was seen in this state is taken back: a pending one waits on without it, an
   * approved one becomes `withdrawn`. `changed`: the approval is not in that state, or the verdict does not stand.
   */
  withdrawVerdict(
    signed: SignedWithdrawal,
    seen: WithdrawableState,
    at: string,
    records: readonly AuditRecord[],
  ): Promise<'withdrawn' | 'changed'>;
  /**
   * `pending` → the given state (`approved`, `rejected`, `expired`, `withdrawn`), or `approved` → `withdrawn`.
   * Returns the state in force afterwards: the one before, where the verdicts are no longer those of `seenRevision`.
   */
  close(
    tenant: string,
    approvalId: string,
    to: ApprovalState,
    at: string,
    records: readonly AuditRecord[],
    seenRevision?: number,
  ): Promise<ApprovalState>;
  /**
   * `pending` → `superseded`, and its successor opened, in one statement. False: it is not pending any more, or its
   * verdicts are no longer those that were seen, by the revision in the row.
   */
  supersede(
    row: ApprovalRow,
    successor: { readonly row: ApprovalRow; readonly summary?: ApprovalSummary },
    at: string,
    records: readonly AuditRecord[],
  ): Promise<boolean>;
  /** Every edit that people have signed in a run, oldest first; also those that were taken back. */
  edits(tenant: string, runId: string): Promise<readonly SignedVerdict[]>;
  /** Verdicts of open approvals that no workflow has taken up yet, oldest first: they are signalled again. */
  unconsumed(limit: number): Promise<readonly UnconsumedVerdict[]>;
  markSignalled(verdictId: string, at: string): Promise<void>;
}

/** Withdraws what a run that ends has left open: nobody is asked about it any more. */
export async function withdrawApprovals(
  approvals: Pick<ApprovalStore, 'list' | 'close'>,
  { tenant, runId }: { readonly tenant: string; readonly runId: string },
  at: string,
): Promise<void> {
  for (const state of ['pending', 'approved'] as const) {
    let open: readonly ApprovalRow[];
    do {
      open = (await approvals.list(tenant, { state, runId, limit: 200 })).items;
      for (const row of open) {
        const record = approvalClosedRecord({ tenant, runId }, row, 'withdrawn', at);
        await approvals.close(tenant, row.approvalId, 'withdrawn', at, [record]);
      }
      // whatever was open is now closed, by this or by somebody faster
    } while (open.length > 0);
  }
}
