import { type RawBuilder, sql } from 'kysely';
import type { SteerMessage } from '../../domain/steering.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface SteerRow {
  readonly open: boolean;
  readonly stored: boolean;
  readonly known: boolean;
  readonly moved: boolean;
}

/** The run's row is locked while the message is written: it is stored before the run closes, or not at all. */
export function steerStatement(
  { tenant, runId, steerId, position }: SteerMessage,
  sealed: Sealed,
  at: string,
  rows: OutboxRows,
): RawBuilder<SteerRow> {
  return sql<SteerRow>`
    with open as materialized (
      select 1 from runs where tenant = ${tenant}::text and run_id = ${runId}::text and closed_at is null
      for share
    ), changed as (
      insert into run_steering (tenant, run_id, position, steer_id, message_key_id, message, stored_at)
      select ${tenant}::text, ${runId}::text, ${position}::integer, ${steerId}::text, ${sealed.keyId}::text,
        ${sealed.bytes}::bytea, ${at}::timestamptz
      from open
      on conflict do nothing
      returning 1
    ), ${withRecords(rows)}
    select exists (select from open) as open, exists (select from changed) as stored,
      exists (select from run_steering where tenant = ${tenant}::text and run_id = ${runId}::text
        and steer_id = ${steerId}::text) as known,
      exists (select from run_steering where tenant = ${tenant}::text and run_id = ${runId}::text
        and position = ${position}::integer) as moved`;
}

/** Undefined: another message was committed after this statement's snapshot. */
export function steerOutcomeOf(row: SteerRow): 'stored' | 'known' | 'moved' | 'closed' | undefined {
  if (row.stored) return 'stored';
  if (row.known) return 'known';
  if (!row.open) return 'closed';
  return row.moved ? 'moved' : undefined;
}
