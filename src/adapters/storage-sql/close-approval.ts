import { type RawBuilder, sql } from 'kysely';
import { type ApprovalEvent, type ApprovalState, approvalStates, nextApprovalState } from '../../domain/approval.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface CloseRow {
  readonly closed: boolean;
  /** Before the statement; null where no such approval is. */
  readonly state: ApprovalState | null;
}

const eventTo: Partial<Record<ApprovalState, ApprovalEvent>> = {
  approved: 'approve',
  rejected: 'reject',
  expired: 'expire',
  withdrawn: 'withdraw',
  superseded: 'supersede',
};

/** The states from which the domain's machine leads there. `consumed` is reached by a reservation only. */
export function statesBefore(to: ApprovalState): readonly ApprovalState[] {
  const event = eventTo[to];
  if (event === undefined) throw new RangeError(`no approval is closed as ${to}`);
  return approvalStates.filter((state) => nextApprovalState(state, event) === to);
}

export function closeStatement(
  tenant: string,
  approvalId: string,
  to: ApprovalState,
  at: string,
  rows: OutboxRows,
): RawBuilder<CloseRow> {
  return sql<CloseRow>`
    with changed as (
      update approvals set state = ${to}::text, closed_at = ${at}::timestamptz
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and state = any (${[...statesBefore(to)]}::text[])
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as closed,
      (select state from approvals where tenant = ${tenant}::text and approval_id = ${approvalId}::text) as state`;
}

/** Undefined: the snapshot still showed a state to start from, so a concurrent statement was faster. */
export function closeOutcomeOf(
  row: CloseRow,
  to: ApprovalState,
): { readonly state: ApprovalState; readonly closed: boolean } | 'unknown' | undefined {
  if (row.closed) return { state: to, closed: true };
  if (row.state === null) return 'unknown';
  return statesBefore(to).includes(row.state) ? undefined : { state: row.state, closed: false };
}
