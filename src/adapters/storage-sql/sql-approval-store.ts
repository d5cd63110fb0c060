import { sql } from 'kysely';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalStore } from '../../ports/approval-store.port.ts';
import { passesFilter, readerOf } from './approval-conditions.ts';
import { approvalRowOf, listedRowOf } from './approval-rows.ts';
import { closeOutcomeOf, closeStatement } from './close-approval.ts';
import { sealNewApproval } from './new-approval.ts';
import { openStatement } from './open-approval.ts';
import { outboxRows } from './outbox-rows.ts';
import { pageOf, parseCursor } from './page-cursor.ts';
import { query, transition } from './run-statement.ts';
import type { StorageContext } from './storage-context.ts';
import { verdictOutcomeOf, verdictStatement } from './store-verdict.ts';
import { subjectMac } from './subject-mac.ts';
import { supersedeOutcomeOf, supersedeStatement } from './supersede-approval.ts';
import {
  openVerdict,
  sealVerdict,
  sealWithdrawal,
  storedVerdictOf,
  verdictColumns,
  withdrawnVerdictOf,
} from './verdict-rows.ts';
import { withdrawOutcomeOf, withdrawStatement } from './withdraw-verdict.ts';

/** Approvals and verdicts: reasons and people sealed, one verdict a person by a commitment to the subject. */
export function createSqlApprovalStore({ db, keys, notices }: StorageContext): ApprovalStore {
  const find: ApprovalStore['find'] = async (tenant, approvalId) => {
    const row = await query(() =>
      db
        .selectFrom('approvals')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('approval_id', '=', approvalId)
        .executeTakeFirst(),
    );
    return row && approvalRowOf(keys, row);
  };

  const verdictRows = (tenant: string, approvalId: string) =>
    db
      .selectFrom('verdicts')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('approval_id', '=', approvalId)
      .orderBy('stored_at')
      .orderBy('verdict_id');

  return {
    find,

    async open(row, record, summary) {
      const [approval, rows] = await Promise.all([sealNewApproval(keys, row, summary), outboxRows(keys, [record])]);
      const statement = openStatement(approval, rows);
      const { opened, known } = await transition(db, statement, (outcome) => outcome);
      if (!known) throw new CountersignError('run-not-found');
      if (opened) notices.committed([record]);
      const inForce = await find(row.tenant, row.approvalId);
      if (inForce === undefined) throw new CountersignError('approval-not-found');
      return inForce;
    },

    async list(tenant, { state, runId, order = 'newest', cursor, limit, narrowed, viewer, now }) {
      const reader = viewer && (await readerOf(keys, tenant, viewer));
      let page = db
        .selectFrom('approvals')
        .selectAll()
        .where('tenant', '=', tenant)
        .where(passesFilter({ ...narrowed }, reader, now));
      if (state !== undefined) page = page.where('state', '=', state);
      if (runId !== undefined) page = page.where('run_id', '=', runId);
      if (cursor !== undefined) {
        const { at, id } = parseCursor(cursor);
        page = page.where(
          order === 'newest'
            ? sql<boolean>`(created_at, approval_id) < (${at}::timestamptz, ${id}::text)`
            : sql<boolean>`(expires_at, approval_id) > (${at}::timestamptz, ${id}::text)`,
        );
      }
      const [column, direction] =
        order === 'newest' ? (['created_at', 'desc'] as const) : (['expires_at', 'asc'] as const);
      const read = await query(() =>
        page
          .orderBy(column, direction)
          .orderBy('approval_id', direction)
          .limit(limit + 1)
          .execute(),
      );
      const { items, next } = pageOf(read, limit, (row) => ({ at: row[column].toISOString(), id: row.approval_id }));
      return {
        items: await Promise.all(items.map((row) => listedRowOf(keys, row))),
        ...(next === undefined ? {} : { next }),
      };
    },

    async verdicts(tenant, approvalId) {
      const rows = await query(() => verdictRows(tenant, approvalId).where('withdrawn_at', 'is', null).execute());
      return Promise.all(rows.map((row) => storedVerdictOf(keys, tenant, row)));
    },

    async withdrawnVerdicts(tenant, approvalId) {
      const rows = await query(() => verdictRows(tenant, approvalId).where('withdrawn_at', 'is not', null).execute());
      return (await Promise.all(rows.map((row) => withdrawnVerdictOf(keys, tenant, row)))).flat();
    },

    async storeVerdict(signed, at, record) {
      const { tenant, approver } = signed.verdict;
      const approverMac = await subjectMac(keys, tenant, approver);
      const sealed = await sealVerdict(keys, signed);
      const statement = verdictStatement(signed, approverMac, sealed, at, await outboxRows(keys, [record]));
      const outcome = await transition(db, statement, verdictOutcomeOf);
      if (outcome === 'stored') notices.committed([record]);
      return outcome === 'repeated' ? 'stored' : outcome;
    },

    async withdrawVerdict(signed, seen, at, records) {
      const sealed = await sealWithdrawal(keys, signed);
      const statement = withdrawStatement(signed, seen, sealed, at, await outboxRows(keys, records));
      const outcome = await transition(db, statement, (row) => withdrawOutcomeOf(row, seen));
      if (outcome === 'withdrawn') notices.committed(records);
      return outcome;
    },

    async close(tenant, approvalId, to, at, records, seenRevision) {
      const statement = closeStatement(tenant, approvalId, to, at, await outboxRows(keys, records), seenRevision);
      const outcome = await transition(db, statement, (row) => closeOutcomeOf(row, to, seenRevision));
      if (outcome === 'unknown') throw new CountersignError('approval-not-found');
      if (outcome.closed) notices.committed(records);
      return outcome.state;
    },

    async supersede(row, successor, at, records) {
      const [next, rows] = await Promise.all([
        sealNewApproval(keys, successor.row, successor.summary),
        outboxRows(keys, records),
      ]);
      const statement = supersedeStatement(row, next, at, rows);
      const outcome = await transition(db, statement, (result) => supersedeOutcomeOf(result, row.revision));
      if (outcome === 'superseded') notices.committed(records);
      return outcome === 'superseded';
    },

    async edits(tenant, runId) {
      const rows = await query(() =>
        db
          .selectFrom('verdicts')
          .innerJoin('approvals', (join) =>
            join
              .onRef('approvals.tenant', '=', 'verdicts.tenant')
              .onRef('approvals.approval_id', '=', 'verdicts.approval_id'),
          )
          .select(verdictColumns)
          .where('verdicts.edits', '=', sql.lit(true))
          .where('verdicts.tenant', '=', tenant)
          .where('approvals.run_id', '=', runId)
          .orderBy('stored_at')
          .orderBy('verdict_id')
          .execute(),
      );
      return Promise.all(rows.map((row) => openVerdict(keys, tenant, row)));
    },

    async unconsumed(limit) {
      const rows = await query(() =>
        db
          .selectFrom('verdicts')
          .innerJoin('approvals', (join) =>
            join
              .onRef('approvals.tenant', '=', 'verdicts.tenant')
              .onRef('approvals.approval_id', '=', 'verdicts.approval_id'),
          )
          .select(['verdicts.tenant', 'approvals.run_id', 'verdicts.approval_id', 'verdict_id', 'signalled_at'])
          .where('approvals.state', '=', sql.lit('pending'))
          .where('verdicts.withdrawn_at', 'is', null)
          .orderBy('stored_at')
          .limit(limit)
          .execute(),
      );
      return rows.map((row) => ({
        tenant: row.tenant,
        runId: row.run_id,
        approvalId: row.approval_id,
        verdictId: row.verdict_id,
        ...(row.signalled_at === null ? {} : { signalledAt: row.signalled_at.toISOString() }),
      }));
    },

    async markSignalled(verdictId, at) {
      await query(() =>
        db.updateTable('verdicts').set({ signalled_at: at }).where('verdict_id', '=', verdictId).execute(),
      );
    },
  };
}
