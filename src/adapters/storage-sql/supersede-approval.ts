import { type RawBuilder, sql } from 'kysely';
import type { ApprovalState } from '../../domain/approval.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import { insertApproval, type NewApproval } from './new-approval.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface SupersedeRow {
  readonly superseded: boolean;
  /** Before the statement; null where no such approval is. */
  readonly state: ApprovalState | null;
  readonly revision: number | null;
}

/** The old question closed and the new one of the same run opened: there is never one without the other. */
export function supersedeStatement(
  row: ApprovalRow,
  successor: NewApproval,
  at: string,
  rows: OutboxRows,
): RawBuilder<SupersedeRow> {
  const { approvalId, revision } = row;
  const { tenant, runId } = successor.row;
  return sql<SupersedeRow>`
    with closed as (
      update approvals set state = 'superseded', closed_at = ${at}::timestamptz,
        superseded_by = ${successor.row.approvalId}::text
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and run_id = ${runId}::text
        and state = 'pending' and revision = ${revision}::integer
      returning 1
    ), changed as (
      ${insertApproval(successor, sql`closed`)}
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as superseded, before.state, before.revision
    from (select 1) as one left join approvals as before
      on before.tenant = ${tenant}::text and before.approval_id = ${approvalId}::text`;
}

/** Undefined: the snapshot showed no obstacle, so a concurrent statement was faster. */
export function supersedeOutcomeOf(row: SupersedeRow, seenRevision: number): 'superseded' | 'changed' | undefined {
  if (row.superseded) return 'superseded';
  return row.state === 'pending' && row.revision === seenRevision ? undefined : 'changed';
}
