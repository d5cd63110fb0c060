import type { AuditRecord } from '../../domain/audit-record.ts';
import { nothingSpent } from '../../domain/mandate.ts';
import type { EffectLedger } from '../../ports/effect-ledger.port.ts';
import { ledgerRowOf } from './effect-rows.ts';
import { effectIn, standingQuery } from './ledger-standing.ts';
import { outboxRows } from './outbox-rows.ts';
import { reserveOutcomeOf, reserveStatement } from './reserve-effect.ts';
import { spentOf } from './run-rows.ts';
import { query, transition } from './run-statement.ts';
import { type Settlement, settleOutcomeOf, settleStatement } from './settle-effect.ts';
import type { StorageContext } from './storage-context.ts';

/** The ledger: one statement a transition, its records in the same one. */
export function createSqlEffectLedger({ db, keys, notices }: StorageContext): EffectLedger {
  const settle = async (key: string, settlement: Settlement, records: readonly AuditRecord[]) => {
    const statement = settleStatement(key, settlement, await outboxRows(keys, records));
    const outcome = await transition(db, statement, (row) => settleOutcomeOf(row, settlement.to));
    if (outcome === 'settled') notices.committed(records);
  };

  return {
    async reserve(reservation, records) {
      const statement = reserveStatement(reservation, await outboxRows(keys, records));
      const outcome = await transition(db, statement, (row) => reserveOutcomeOf(row, reservation));
      if (outcome.kind === 'reserved' || outcome.kind === 'known') notices.committed(records);
      return outcome;
    },
    land: (key, outcomeRef, at, records) => settle(key, { to: 'landed', outcomeRef, at }, records),
    didNotHappen: (key, outcomeRef, at, records) => settle(key, { to: 'did-not-happen', outcomeRef, at }, records),
    inDoubt: (key, at, records) => settle(key, { to: 'in-doubt', at }, records),

    async standing(tenant, runId, key) {
      const row = await query(() => standingQuery(db, tenant, runId, key ?? null).executeTakeFirst());
      if (row === undefined) return { closed: true, calls: {}, totalCalls: 0, spent: nothingSpent };
      const effect = effectIn(row);
      return {
        closed: row.closed,
        calls: row.per_tool,
        totalCalls: row.tool_calls,
        spent: spentOf(row),
        ...(effect && { row: ledgerRowOf(effect) }),
      };
    },
    async ofRun(tenant, runId) {
      const rows = await query(() =>
        db
          .selectFrom('effects')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('run_id', '=', runId)
          .orderBy('reserved_at')
          .orderBy('key')
          .execute(),
      );
      return rows.map(ledgerRowOf);
    },
  };
}
