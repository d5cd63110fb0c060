import { sql } from 'kysely';
import type { SignedSteerMessage } from '../../domain/steering.ts';
import type { SteeringStore } from '../../ports/steering-store.port.ts';
import { outboxRows } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';
import { steerOutcomeOf, steerStatement } from './store-steering.ts';

const messageContext = (runId: string, steerId: string) => `steering/${runId}/${steerId}`;

/** Messages of principals: sealed, in the order in which they were signed. */
export function createSqlSteeringStore({ db, keys, notices }: StorageContext): SteeringStore {
  return {
    async store(signed, at, record) {
      const { tenant, runId, steerId } = signed.message;
      const sealed = await sealJson(keys, tenant, messageContext(runId, steerId), signed);
      const statement = steerStatement(signed.message, sealed, at, await outboxRows(keys, [record]));
      const outcome = await transition(db, statement, steerOutcomeOf);
      if (outcome === 'stored') notices.committed([record]);
      return outcome;
    },

    async ofRun(tenant, runId, after) {
      const rows = await query(() =>
        db
          .selectFrom('run_steering')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .where('position', '>', after)
          .orderBy('position')
          .execute(),
      );
      return Promise.all(
        rows.map(async (row) => ({
          signed: await openJson<SignedSteerMessage>(keys, tenant, messageContext(runId, row.steer_id), {
            keyId: row.message_key_id,
            bytes: row.message,
          }),
          position: row.position,
          storedAt: row.stored_at.toISOString(),
          ...(row.taken_turn === null ? {} : { takenTurn: row.taken_turn }),
        })),
      );
    },

    async unknown(tenant, runId, steerIds) {
      if (steerIds.length === 0) return [];
      const rows = await query(() =>
        db
          .selectFrom('run_steering')
          .select('steer_id')
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .where('steer_id', 'in', [...steerIds])
          .execute(),
      );
      const known = new Set(rows.map((row) => row.steer_id));
      return steerIds.filter((steerId) => !known.has(steerId));
    },

    async hasUnheard(tenant, runId, turn) {
      const row = await query(() =>
        db
          .selectFrom('run_steering')
          .select('position')
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .where((column) => column.or([column('taken_turn', 'is', null), column('taken_turn', '>', turn)]))
          .limit(1)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },

    async untaken(limit) {
      const rows = await query(() =>
        db
          .selectFrom('run_steering as steering')
          .innerJoin('runs', (join) =>
            join.onRef('runs.tenant', '=', 'steering.tenant').onRef('runs.run_id', '=', 'steering.run_id'),
          )
          .select(['steering.tenant', 'steering.run_id', 'steering.steer_id'])
          .where('steering.taken_turn', 'is', null)
          .where('runs.closed_at', 'is', null)
          .orderBy('stored_at')
          .orderBy('position')
          .limit(limit)
          .execute(),
      );
      return rows.map((row) => ({ tenant: row.tenant, runId: row.run_id, steerId: row.steer_id }));
    },

    async markSignalled(tenant, runId, steerId, at) {
      await query(() =>
        sql`update run_steering set signalled_at = ${at}::timestamptz where tenant = ${tenant}::text
          and run_id = ${runId}::text and steer_id = ${steerId}::text`.execute(db),
      );
    },
  };
}
