import { sql } from 'kysely';
import type { AuditKind } from '../../domain/audit-record.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import { outboxRows, recordContext, withRecords } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import { openJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

/** Records where they wait for the log. */
export function createSqlAuditOutbox({ db, keys, notices }: StorageContext): AuditOutbox {
  return {
    async append(records) {
      if (records.length === 0) return;
      const rows = await outboxRows(keys, records);
      await transition(db, sql`with changed as (select 1), ${withRecords(rows)} select 1 as appended`, (row) => row);
      notices.committed(records);
    },

    async ofRun(tenant, runId, after, limit, kinds) {
      const rows = await query(() =>
        db
          .selectFrom('audit_outbox')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .where('position', '>', after)
          .$if(kinds !== undefined, (select) => select.where('kind', 'in', [...(kinds ?? [])]))
          .orderBy('position')
          .limit(limit)
          .execute(),
      );
      return Promise.all(
        rows.map(async (row) => ({
          recordKey: row.record_key,
          tenant,
          runId,
          // Written from the same union.
          kind: row.kind as AuditKind,
          occurredAt: row.occurred_at.toISOString(),
          body: await openJson<JsonObject>(keys, tenant, recordContext(row.record_key), {
            keyId: row.key_id,
            bytes: row.body,
          }),
          position: Number(row.position),
          keyId: row.key_id,
        })),
      );
    },

    onAppend: (listener) => notices.subscribe(listener),
  };
}
