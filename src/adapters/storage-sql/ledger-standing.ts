import { sql } from 'kysely';
import { nothingSpent } from '../../domain/mandate.ts';
import type { LedgerStanding } from '../../ports/effect-ledger.port.ts';
import { type EffectColumns, ledgerRowOf } from './effect-rows.ts';
import { fixedStatement } from './fixed-statement.ts';
import { spentOf, type UsageColumns } from './run-rows.ts';

interface StandingKeys {
  readonly tenant: string;
  readonly runId: string;
  readonly key: string | null;
}

/** Columns of the run's counters, for whatever is asked together with where the run stands. */
export const standingColumns = sql`usage.closed, usage.has_edits, usage.per_tool, usage.model_calls, usage.tool_calls,
  usage.input_tokens, usage.output_tokens, usage.cost_micro_usd`;

export interface StandingColumns extends UsageColumns {
  readonly closed: boolean;
  readonly has_edits: boolean;
  readonly per_tool: Readonly<Record<string, number>>;
}

type StandingRow = StandingColumns & (EffectColumns | { readonly [Name in keyof EffectColumns]: null });

/** Counters of a run, and the effect under one key of it. Joined by the key alone, which is unique. */
export const standingStatement = fixedStatement<StandingKeys, StandingRow>(
  ({ tenant, runId, key }) => sql<StandingRow>`
    select ${standingColumns}, effect.*
    from run_usage as usage left join effects as effect on effect.key = ${key}::text
    where usage.tenant = ${tenant}::text and usage.run_id = ${runId}::text`,
);

/** For a run that was never admitted nothing is open. */
export function standingIn(row: StandingColumns | undefined): LedgerStanding {
  if (row === undefined) return { closed: true, calls: {}, totalCalls: 0, spent: nothingSpent, hasEdits: false };
  return {
    closed: row.closed,
    calls: row.per_tool,
    totalCalls: row.tool_calls,
    spent: spentOf(row),
    hasEdits: row.has_edits,
  };
}

/** With the effect, where there is one and it is this run's. */
export function standingOf(row: StandingRow | undefined, { tenant, runId }: StandingKeys): LedgerStanding {
  const standing = standingIn(row);
  if (row === undefined || row.key === null || row.tenant !== tenant || row.run_id !== runId) return standing;
  return { ...standing, row: ledgerRowOf(row) };
}
