import { sql } from 'kysely';
import type { MandateStore, SealedMandate } from '../../ports/run-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

interface MandateColumns {
  readonly mandate_key_id: string;
  readonly mandate: Uint8Array;
}

/** One mandate a run, written once. */
export function createSqlMandateStore({ db, keys, notices }: StorageContext): MandateStore {
  const opened = (tenant: string, runId: string, row: MandateColumns) =>
    openJson<SealedMandate>(keys, tenant, mandateContext(runId), { keyId: row.mandate_key_id, bytes: row.mandate });

  return {
    async freeze(sealed, record) {
      const { tenant, runId } = sealed;
      const { keyId, bytes } = await sealJson(keys, tenant, mandateContext(runId), sealed);
      const rows = await outboxRows(keys, [record]);
      const statement = sql<{ frozen: boolean } & { [Column in keyof MandateColumns]: MandateColumns[Column] | null }>`
        with changed as (
          insert into mandates (tenant, run_id, mandate_key_id, mandate)
          values (${tenant}::text, ${runId}::text, ${keyId}::text, ${bytes}::bytea)
          on conflict (tenant, run_id) do nothing
          returning 1
        ), ${withRecords(rows)}
        select exists (select from changed) as frozen, earlier.mandate_key_id, earlier.mandate
        from (values (1)) as one
        left join mandates as earlier on earlier.tenant = ${tenant}::text and earlier.run_id = ${runId}::text`;
      const inForce = await transition(db, statement, ({ frozen, mandate_key_id, mandate }) => {
        if (frozen) return 'ours';
        return mandate_key_id === null || mandate === null ? undefined : { mandate_key_id, mandate };
      });
      if (inForce !== 'ours') return opened(tenant, runId, inForce);
      notices.committed([record]);
      return sealed;
    },

    async find(tenant, runId) {
      const row = await query(() =>
        db
          .selectFrom('mandates')
          .select(['mandate_key_id', 'mandate'])
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .executeTakeFirst(),
      );
      return row && opened(tenant, runId, row);
    },
  };
}

function mandateContext(runId: string): string {
  return `mandate/${runId}`;
}
