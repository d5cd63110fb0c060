import { sql } from 'kysely';
import type { TurnEntry } from '../../ports/run-store.port.ts';
import { fixedStatement } from './fixed-statement.ts';
import { type StandingColumns, standingColumns } from './ledger-standing.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';
import type { UsageColumns } from './run-rows.ts';

export interface TurnKeys {
  readonly tenant: string;
  readonly runId: string;
  readonly turn: number;
  /** Commitment to the transcript. */
  readonly mac: string;
}

type TurnStanding = StandingColumns & { readonly outcome_ref: string | null; readonly steered_to: number };

/** Where the run stands, the outcome of the turn if it was recorded, and the position of the principal's last message. */
export const turnStatement = fixedStatement<TurnKeys, TurnStanding>(
  ({ tenant, runId, turn, mac }) => sql`
    select ${standingColumns}, turns.outcome_ref,
      (select coalesce(max(position), 0) from run_steering as steering
        where steering.tenant = usage.tenant and steering.run_id = usage.run_id) as steered_to
    from run_usage as usage left join turns on turns.tenant = usage.tenant and turns.run_id = usage.run_id
      and turns.turn = ${turn}::integer and turns.transcript_mac = ${mac}::text
    where usage.tenant = ${tenant}::text and usage.run_id = ${runId}::text`,
);

type EntryValues = TurnKeys &
  TurnEntry['usage'] & {
    readonly outcomeRef: string;
    /** Position of the last message that the model call has seen. */
    readonly steeredTo: number;
    readonly rows: OutboxRows;
  };

/** `entered` is null where there is no such run. */
export type EntryRow = UsageColumns & { readonly entered: boolean | null; readonly outcome_ref: string | null };

/**
 * Entry, usage, records, and the messages of the principal that the call has seen: all or nothing.
 * A turn that was recorded before keeps its first outcome.
 */
export const recordTurnStatement = fixedStatement<EntryValues, EntryRow>(
  ({ tenant, runId, turn, mac, outcomeRef, inputTokens, outputTokens, costMicroUsd, steeredTo, rows }) => sql`
    with entered as (
      insert into turns (tenant, run_id, turn, transcript_mac, outcome_ref)
      select tenant, run_id, ${turn}::integer, ${mac}::text, ${outcomeRef}::text
      from run_usage where tenant = ${tenant}::text and run_id = ${runId}::text
      on conflict (tenant, run_id, turn, transcript_mac) do nothing
      returning outcome_ref
    ), heard as (
      update run_steering set taken_turn = ${turn}::integer
      where tenant = ${tenant}::text and run_id = ${runId}::text and position <= ${steeredTo}::integer
        and taken_turn is null and exists (select from entered)
    ), changed as (
      update run_usage set model_calls = model_calls + 1,
        input_tokens = input_tokens + ${inputTokens}::bigint,
        output_tokens = output_tokens + ${outputTokens}::bigint,
        cost_micro_usd = cost_micro_usd + ${costMicroUsd}::bigint
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
    where not exists (select from run_usage where tenant = ${tenant}::text and run_id = ${runId}::text)`,
);
