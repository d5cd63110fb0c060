import { sql } from 'kysely';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Admission, RunStore } from '../../ports/run-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import { pageOf, parseCursor } from './page-cursor.ts';
import { failureContext, runRowOf, ticketContext } from './run-rows.ts';
import { query, transition } from './run-statement.ts';
import { sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

/** Runs as rows: the ticket sealed, the request only as a commitment. */
export function createSqlRunStore({ db, keys, notices }: StorageContext): RunStore {
  const runs = () =>
    db
      .selectFrom('runs')
      .innerJoin('run_usage', (join) =>
        join.onRef('run_usage.tenant', '=', 'runs.tenant').onRef('run_usage.run_id', '=', 'runs.run_id'),
      )
      .selectAll('runs')
      .select(['model_calls', 'tool_calls', 'input_tokens', 'output_tokens', 'cost_micro_usd'])
      .select((select) =>
        select
          .selectFrom('approvals')
          .whereRef('approvals.tenant', '=', 'runs.tenant')
          .whereRef('approvals.run_id', '=', 'runs.run_id')
          .where('approvals.state', '=', sql.lit('pending'))
          .select((count) => count.fn.countAll().as('pending'))
          .$asScalar()
          .$notNull()
          .as('pending_approvals'),
      );

  return {
    async admit(admission, record) {
      const rows = await outboxRows(keys, [record]);
      const outcome = await transition(
        db,
        await admitStatement({ db, keys, notices }, admission, withRecords(rows)),
        (row) => {
          if (row.created) return 'created';
          return row.same === null ? undefined : row.same ? 'same' : 'conflict';
        },
      );
      if (outcome === 'created') notices.committed([record]);
      return outcome;
    },

    async find(tenant, runId) {
      const row = await query(() =>
        runs().where('runs.tenant', '=', tenant).where('runs.run_id', '=', runId).executeTakeFirst(),
      );
      return row && runRowOf(keys, row);
    },

    async list(tenant, { limit, cursor }) {
      let page = runs().where('runs.tenant', '=', tenant);
      if (cursor !== undefined) {
        const { at, id } = parseCursor(cursor);
        page = page.where(sql<boolean>`(started_at, runs.run_id) < (${at}::timestamptz, ${id}::text)`);
      }
      const read = await query(() =>
        page
          .orderBy('started_at', 'desc')
          .orderBy('runs.run_id', 'desc')
          .limit(limit + 1)
          .execute(),
      );
      const { items, next } = pageOf(read, limit, (row) => ({ at: row.started_at.toISOString(), id: row.run_id }));
      return {
        items: await Promise.all(items.map((row) => runRowOf(keys, row))),
        ...(next === undefined ? {} : { next }),
      };
    },

    async open(limit) {
      const rows = await query(() =>
        runs().where('closed_at', 'is', null).orderBy('started_at').limit(limit).execute(),
      );
      return Promise.all(rows.map((row) => runRowOf(keys, row)));
    },

    async close(tenant, runId, end, record) {
      const failure = end.failure && (await sealJson(keys, tenant, failureContext(runId), end.failure));
      const rows = await outboxRows(keys, [record]);
      const statement = sql<{ closed: boolean; known: boolean }>`
        with changed as (
          update runs set closed_state = ${end.state}::text, closed_at = ${end.at}::timestamptz,
            failure_key_id = ${failure?.keyId ?? null}::text, failure = ${failure?.bytes ?? null}::bytea,
            output_ref = ${end.outputRef ?? null}::text
          where tenant = ${tenant}::text and run_id = ${runId}::text and closed_at is null
          returning tenant, run_id
        ), counters as (
          update run_usage set closed = true from changed
          where run_usage.tenant = changed.tenant and run_usage.run_id = changed.run_id
        ), ${withRecords(rows)}
        select exists (select from changed) as closed,
          exists (select from runs where tenant = ${tenant}::text and run_id = ${runId}::text) as known`;
      const outcome = await transition(db, statement, (row) => row);
      if (!outcome.known) throw new CountersignError('run-not-found');
      if (outcome.closed) notices.committed([record]);
    },
  };
}

async function admitStatement({ keys }: StorageContext, admission: Admission, records: ReturnType<typeof withRecords>) {
  const { tenant, runId, requestDigest, signedTicket } = admission;
  const { ticket } = signedTicket;
  const requestMac = await keys.mac(tenant, 'content', Buffer.from(canonicalJson(['request', requestDigest]), 'utf8'));
  const sealed = await sealJson(keys, tenant, ticketContext(runId), signedTicket);
  return sql<{ created: boolean; same: boolean | null }>`
    with changed as (
      insert into runs (tenant, run_id, agent, agent_version, request_mac, ticket_key_id, ticket, started_at)
      values (${tenant}::text, ${runId}::text, ${ticket.agent}::text, ${ticket.agentVersion}::integer, ${requestMac}::text,
        ${sealed.keyId}::text, ${sealed.bytes}::bytea, ${ticket.issuedAt}::timestamptz)
      on conflict (tenant, run_id) do nothing
      returning tenant, run_id
    ), counters as (
      insert into run_usage (tenant, run_id) select tenant, run_id from changed
    ), ${records}
    select exists (select from changed) as created,
      (select request_mac = ${requestMac}::text from runs where tenant = ${tenant}::text and run_id = ${runId}::text) as same`;
}
