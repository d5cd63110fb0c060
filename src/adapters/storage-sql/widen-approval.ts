import { type RawBuilder, sql } from 'kysely';
import type { ReachedRung } from '../../ports/escalation-store.port.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface ReachedRow {
  readonly tenant: string;
  readonly run_id: string;
  readonly approval_id: string;
  readonly call_id: string;
  readonly tool: string;
  readonly envelope_ref: string;
  readonly action_digest: string;
  readonly widens_at: Date;
  readonly roles: readonly string[];
}

export function reachedStatement(at: string, limit: number): RawBuilder<ReachedRow> {
  return sql<ReachedRow>`
    select tenant, run_id, approval_id, call_id, tool, envelope_ref, action_digest, widens_at,
      array(select later.role from unnest(later_roles, later_at) as later (role, since)
        where later.since = widens_at order by 1) as roles
    from approvals
    where state = 'pending' and expires_at > ${at}::timestamptz and widens_at <= ${at}::timestamptz
    order by widens_at, approval_id limit ${limit}::integer`;
}

/** Whoever comes second finds the next rung's time in its place, or none. */
export function widenStatement(
  { tenant, approvalId, since }: Pick<ReachedRung, 'tenant' | 'approvalId' | 'since'>,
  rows: OutboxRows,
): RawBuilder<{ readonly widened: boolean }> {
  return sql<{ readonly widened: boolean }>`
    with changed as (
      update approvals set widens_at =
        (select min(later.since) from unnest(later_at) as later (since) where later.since > ${since}::timestamptz)
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and state = 'pending'
        and widens_at = ${since}::timestamptz
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as widened`;
}
