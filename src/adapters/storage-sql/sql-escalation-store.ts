import type { EscalationStore } from '../../ports/escalation-store.port.ts';
import { outboxRows } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import type { StorageContext } from './storage-context.ts';
import { reachedStatement, widenStatement } from './widen-approval.ts';

/** Rungs over the rows of approvals: roles and times in plain, so that no row that cannot be opened is in the way. */
export function createSqlEscalationStore({ db, keys, notices }: StorageContext): EscalationStore {
  return {
    async reached(at, limit) {
      const { rows } = await query(() => reachedStatement(at, limit).execute(db));
      return rows.map((row) => ({
        tenant: row.tenant,
        runId: row.run_id,
        approvalId: row.approval_id,
        callId: row.call_id,
        tool: row.tool,
        envelopeRef: row.envelope_ref,
        actionDigest: row.action_digest,
        since: row.widens_at.toISOString(),
        roles: row.roles,
      }));
    },

    async widen(rung, record) {
      const statement = widenStatement(rung, await outboxRows(keys, [record]));
      const widened = await transition(db, statement, (row) => row.widened);
      if (widened) notices.committed([record]);
      return widened;
    },
  };
}
