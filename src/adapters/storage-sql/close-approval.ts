import { type RawBuilder, sql } from 'kysely';
import { type ApprovalEvent, type ApprovalState, approvalStates, nextApprovalState } from '../../domain/approval.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface CloseRow {
  readonly closed: boolean;
  /** Before the statement; null where no such approval is. */
  readonly state: ApprovalState | null;
  readonly revision: number | null;
}

const eventTo: Partial<Record<ApprovalState, ApprovalEvent>> = {
  approved: 'approve',
  rejected: 'reject',
  expired: 'expire',
  withdrawn: 'withdraw',
};

/** The states from which the domain's machine leads there. `consumed` is reached by a reservation only, `superseded` with a successor. */
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
  seenRevision: number | undefined,
): RawBuilder<CloseRow> {
  return sql<CloseRow>`
    with changed as (
      update approvals set state = ${to}::text, closed_at = ${at}::timestamptz
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and state = any (${[...statesBefore(to)]}::text[])
        and revision = coalesce(${seenRevision ?? null}::integer, revision)
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as closed, before.state, before.revision
    from (select 1) as one left join approvals as before
      on before.tenant = ${tenant}::text and before.approval_id = ${approvalId}::text`;
}

/** Undefined: the snapshot still showed a state to start from, so a concurrent statement was faster. */
export function closeOutcomeOf(
  row: CloseRow,
  to: ApprovalState,
  seenRevision: number | undefined,
): { readonly state: ApprovalState; readonly closed: boolean } | 'unknown' | undefined {
  if (row.closed) return { state: to, closed: true };
  if (row.state === null) return 'unknown';
  const isOutdated = seenRevision !== undefined && row.revision !== seenRevision;
  return statesBefore(to).includes(row.state) && !isOutdated ? undefined : { state: row.state, closed: false };
}
