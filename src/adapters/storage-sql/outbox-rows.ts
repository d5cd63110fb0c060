import { type RawBuilder, sql } from 'kysely';
import type { AuditRecord } from '../../domain/audit-record.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { Parameter } from './fixed-statement.ts';
import { sealJson } from './sealed-json.ts';

/** Records as one JSON parameter, bodies sealed. */
export type OutboxRows = string & { readonly outboxRows: unique symbol };

export function recordContext(recordKey: string): string {
  return `record/${recordKey}`;
}

export async function outboxRows(keys: KeyService, records: readonly AuditRecord[]): Promise<OutboxRows> {
  const rows = await Promise.all(
    records.map(async ({ recordKey, tenant, runId, kind, occurredAt, body }) => {
      const { keyId, bytes } = await sealJson(keys, tenant, recordContext(recordKey), body);
      return {
        record_key: recordKey,
        tenant,
        run_id: runId,
        kind,
        occurred_at: occurredAt,
        key_id: keyId,
        body: Buffer.from(bytes).toString('base64'),
      };
    }),
  );
  return JSON.stringify(rows) as OutboxRows;
}

/**
 * The common table expressions that write records in the statement of the transition they speak of,
 * if its part named `changed` has a row. A record key that is there already adds nothing.
 * Positions are taken under a lock on the run: a reader who has seen a position has seen all before it.
 */
export function withRecords(rows: OutboxRows | Parameter): RawBuilder<unknown> {
  return sql`
    incoming as materialized (
      select * from jsonb_to_recordset(${rows}::jsonb) as given (
        record_key text, tenant text, run_id text, kind text, occurred_at timestamptz, key_id text, body text)
      where exists (select from changed)
    ),
    in_turn as materialized (
      select pg_advisory_xact_lock(hashtextextended(runs.run, 0))
      from (select distinct tenant || '/' || run_id as run from incoming order by 1) as runs
    ),
    recorded as (
      insert into audit_outbox (tenant, record_key, run_id, kind, occurred_at, key_id, body)
      select tenant, record_key, run_id, kind, occurred_at, key_id, decode(body, 'base64')
      from incoming, (select count(*) from in_turn) as locked
      on conflict (tenant, record_key) do nothing
    )`;
}
