import { sql } from 'kysely';
import { CountersignError } from '../../domain/countersign-error.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import type { TurnJournal } from '../../ports/run-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import { spentOf, type UsageColumns } from './run-rows.ts';
import { query, transition } from './run-statement.ts';
import type { StorageContext } from './storage-context.ts';

type JournalRow = UsageColumns & { readonly entered: boolean; readonly outcome_ref: string | null };

/** The model's answers by turn and transcript; the transcript's digest is kept as a commitment only. */
export function createSqlTurnJournal({ db, keys, notices }: StorageContext): TurnJournal {
  const commitment = (tenant: string, transcriptDigest: string) =>
    keys.mac(tenant, 'content', Buffer.from(transcriptDigest, 'utf8'));

  return {
    async find(tenant, runId, turn, transcriptDigest) {
      const mac = await commitment(tenant, transcriptDigest);
      const row = await query(() =>
        db
          .selectFrom('turns')
          .innerJoin('run_usage', (join) =>
            join.onRef('run_usage.tenant', '=', 'turns.tenant').onRef('run_usage.run_id', '=', 'turns.run_id'),
          )
          .select(['outcome_ref', 'model_calls', 'tool_calls', 'input_tokens', 'output_tokens', 'cost_micro_usd'])
          .where('turns.tenant', '=', tenant)
          .where('turns.run_id', '=', runId)
          .where('turn', '=', turn)
          .where('transcript_mac', '=', mac)
          .executeTakeFirst(),
      );
      return row && { outcomeRef: parseBlobRef(row.outcome_ref), spent: spentOf(row) };
    },

    async record(entry, records) {
      const { tenant, runId, turn, outcomeRef, usage } = entry;
      const mac = await commitment(tenant, entry.transcriptDigest);
      const rows = await outboxRows(keys, records);
      const statement = sql<JournalRow | { entered: null }>`
        with entered as (
          insert into turns (tenant, run_id, turn, transcript_mac, outcome_ref)
          select tenant, run_id, ${turn}::integer, ${mac}::text, ${outcomeRef}::text
          from run_usage where tenant = ${tenant}::text and run_id = ${runId}::text
          on conflict (tenant, run_id, turn, transcript_mac) do nothing
          returning outcome_ref
        ), changed as (
          update run_usage set model_calls = model_calls + 1,
            input_tokens = input_tokens + ${usage.inputTokens}::bigint,
            output_tokens = output_tokens + ${usage.outputTokens}::bigint,
            cost_micro_usd = cost_micro_usd + ${usage.costMicroUsd}::bigint
          where tenant = ${tenant}::text and run_id = ${runId}::text and exists (select from entered)
          returning model_calls, tool_calls, input_tokens, output_tokens, cost_micro_usd
        ), ${withRecords(rows)}
        select true as entered, (select outcome_ref from entered) as outcome_ref, changed.* from changed
        union all
        select false, (select outcome_ref from turns where tenant = ${tenant}::text and run_id = ${runId}::text
            and turn = ${turn}::integer and transcript_mac = ${mac}::text),
          model_calls, tool_calls, input_tokens, output_tokens, cost_micro_usd
        from run_usage
        where tenant = ${tenant}::text and run_id = ${runId}::text and not exists (select from changed)
        union all
        select null, null, null, null, null, null, null
        where not exists (select from run_usage where tenant = ${tenant}::text and run_id = ${runId}::text)`;
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
