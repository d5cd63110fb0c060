import type { AuditRecord } from '../../domain/audit-record.ts';
import type { EffectLedger } from '../../ports/effect-ledger.port.ts';
import { ledgerRowOf } from './effect-rows.ts';
import { standingOf, standingStatement } from './ledger-standing.ts';
import { outboxRows } from './outbox-rows.ts';
import { reserveOutcomeOf, reserveStatement } from './reserve-effect.ts';
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
      const of = { tenant, runId, key: key ?? null };
      const { rows } = await query(() => standingStatement(of).execute(db));
      return standingOf(rows[0], of);
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
