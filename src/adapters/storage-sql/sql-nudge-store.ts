import type { RiskTier } from '../../domain/action.ts';
import type { NudgeOccasion } from '../../domain/nudge.ts';
import type { DueNudge, NudgeStore } from '../../ports/nudge-store.port.ts';
import {
  type ClaimedRow,
  claimStatement,
  dropStatement,
  settleStatement,
  standingStatement,
  unplannedStatement,
} from './nudge-statements.ts';
import { outboxRows } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import type { StorageContext } from './storage-context.ts';

/** Nudges, derived from approvals. Rows hold names of channels and no addresses. */
export function createSqlNudgeStore({ db, keys, notices }: StorageContext): NudgeStore {
  return {
    async unplanned(at, remindWhenLeft, limit) {
      const { rows } = await query(() => unplannedStatement(at, remindWhenLeft, limit).execute(db));
      return rows.map(({ tenant, approval_id, occasion, rung }) => ({
        tenant,
        approvalId: approval_id,
        occasion: occasion as NudgeOccasion,
        rung,
      }));
    },

    async plan(nudges, at) {
      if (nudges.length === 0) return;
      const rows = nudges.map(({ tenant, approvalId, occasion, rung, channel, nudgeId, covered }) => ({
        tenant,
        approval_id: approvalId,
        occasion,
        rung,
        channel,
        nudge_id: nudgeId,
        state: channel === '' ? 'unaddressed' : covered === true ? 'dropped' : 'due',
        planned_at: at,
        next_at: at,
        settled_at: channel === '' || covered === true ? at : null,
        code: null,
      }));
      await query(() =>
        db
          .insertInto('nudges')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },

    async forgetNobody() {
      await query(() => db.deleteFrom('nudges').where('state', '=', 'unaddressed').execute());
    },

    drop: (at, channels) => transition(db, dropStatement(at, channels), ({ dropped }) => dropped),

    async claim(channel, at, until) {
      const { rows } = await query(() => claimStatement(channel, at, until).execute(db));
      return rows[0] && dueNudgeOf(rows[0]);
    },

    async postpone(nudgeId, until, code) {
      await query(() =>
        db
          .updateTable('nudges')
          .set({ next_at: until, code })
          .where('nudge_id', '=', nudgeId)
          .where('state', '=', 'due')
          .execute(),
      );
    },

    async settle(nudgeId, state, at, record, code) {
      const statement = settleStatement(nudgeId, state, at, code, await outboxRows(keys, [record]));
      if (await transition(db, statement, ({ settled }) => settled)) notices.committed([record]);
    },

    async standing(tenant) {
      const counts = await transition(db, standingStatement(tenant), (row) => row);
      const last = await query(() =>
        db
          .selectFrom('nudges')
          .select(['channel', 'code', 'settled_at'])
          .where('tenant', '=', tenant)
          .where('state', '=', 'failed')
          .orderBy('settled_at', 'desc')
          .limit(1)
          .executeTakeFirst(),
      );
      if (last === undefined || last.settled_at === null) return counts;
      const { channel, code, settled_at } = last;
      return { ...counts, lastFailure: { channel, code: code ?? '', at: settled_at.toISOString() } };
    },
  };
}

function dueNudgeOf(row: ClaimedRow): DueNudge {
  return {
    tenant: row.tenant,
    approvalId: row.approval_id,
    // The table's check holds the occasions; the risk is written from the same union.
    occasion: row.occasion as NudgeOccasion,
    rung: row.rung,
    channel: row.channel,
    nudgeId: row.nudge_id,
    attempts: row.attempts,
    runId: row.run_id,
    agent: row.agent,
    tool: row.tool,
    risk: row.risk as RiskTier,
    expiresAt: row.expires_at.toISOString(),
  };
}
