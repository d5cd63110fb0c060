import { CountersignError } from '../../domain/countersign-error.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import type { TurnJournal } from '../../ports/run-store.port.ts';
import { recordTurnStatement, turnStatement } from './journal-statements.ts';
import { standingIn } from './ledger-standing.ts';
import { outboxRows } from './outbox-rows.ts';
import { spentOf } from './run-rows.ts';
import { query, transition } from './run-statement.ts';
import type { StorageContext } from './storage-context.ts';

/** The model's answers by turn and transcript; the transcript's digest is kept as a commitment only. */
export function createSqlTurnJournal({ db, keys, notices }: StorageContext): TurnJournal {
  const commitment = (tenant: string, transcriptDigest: string) =>
    keys.mac(tenant, 'content', Buffer.from(transcriptDigest, 'utf8'));

  return {
    async find(tenant, runId, turn, transcriptDigest) {
      const mac = await commitment(tenant, transcriptDigest);
      const { rows } = await query(() => turnStatement({ tenant, runId, turn, mac }).execute(db));
      const [row] = rows;
      const outcomeRef = row?.outcome_ref ?? undefined;
      return {
        standing: standingIn(row),
        steeredTo: row?.steered_to ?? 0,
        ...(outcomeRef === undefined ? {} : { outcomeRef: parseBlobRef(outcomeRef) }),
      };
    },

    async record(entry, records) {
      const { tenant, runId, turn, outcomeRef, usage, steeredTo = 0 } = entry;
      const mac = await commitment(tenant, entry.transcriptDigest);
      const rows = await outboxRows(keys, records);
      const statement = recordTurnStatement({ tenant, runId, turn, mac, outcomeRef, ...usage, steeredTo, rows });
      const outcome = await transition(db, statement, (row) => {
        if (row.entered === null) return 'unknown-run';
        return row.outcome_ref === null ? undefined : { ...row, outcomeRef: parseBlobRef(row.outcome_ref) };
      });
      if (outcome === 'unknown-run') throw new CountersignError('run-not-found');
      if (outcome.entered) notices.committed(records);
      return { outcomeRef: outcome.outcomeRef, spent: spentOf(outcome) };
    },
  };
}
