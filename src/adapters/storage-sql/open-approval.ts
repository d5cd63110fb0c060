import { type RawBuilder, sql } from 'kysely';
import { insertApproval, type NewApproval } from './new-approval.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface OpenRow {
  readonly opened: boolean;
  readonly known: boolean;
}

/** Only of a run that is known; the same approval again changes nothing. */
export function openStatement(approval: NewApproval, rows: OutboxRows): RawBuilder<OpenRow> {
  const { tenant, runId } = approval.row;
  const run = sql`runs where tenant = ${tenant}::text and run_id = ${runId}::text`;
  return sql<OpenRow>`
    with changed as (
      ${insertApproval(approval, run)}
      on conflict (tenant, approval_id) do nothing
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as opened, exists (select from ${run}) as known`;
}
