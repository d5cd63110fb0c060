import type { Kysely } from 'kysely';
import type { EffectColumns } from './effect-rows.ts';
import type { StorageTables } from './tables.ts';

/** Counters of a run, and the effect under one key of it. */
export function standingQuery(db: Kysely<StorageTables>, tenant: string, runId: string, key: string | null) {
  return db
    .selectFrom('run_usage as usage')
    .leftJoin('effects as effect', (join) =>
      join
        .onRef('effect.tenant', '=', 'usage.tenant')
        .onRef('effect.run_id', '=', 'usage.run_id')
        .on('effect.key', '=', key),
    )
    .select(['usage.closed', 'usage.per_tool', 'usage.tool_calls'])
    .select(['usage.model_calls', 'usage.input_tokens', 'usage.output_tokens', 'usage.cost_micro_usd'])
    .select([
      'effect.key',
      'effect.tool',
      'effect.action_digest',
      'effect.state',
      'effect.attempts',
      'effect.approval_id',
    ])
    .select([
      'effect.approval_consumed',
      'effect.outcome_ref',
      'effect.reserved_at',
      'effect.settled_at',
      'usage.tenant',
      'usage.run_id',
    ])
    .where('usage.tenant', '=', tenant)
    .where('usage.run_id', '=', runId);
}

type StandingRow = NonNullable<Awaited<ReturnType<ReturnType<typeof standingQuery>['executeTakeFirst']>>>;

/** The joined effect, where there is one: its columns are all null otherwise. */
export function effectIn(row: StandingRow): EffectColumns | undefined {
  const { key, tool, action_digest, state, attempts, approval_consumed, reserved_at } = row;
  if (key === null || tool === null || action_digest === null || state === null) return undefined;
  if (attempts === null || approval_consumed === null || reserved_at === null) return undefined;
  return { ...row, key, tool, action_digest, state, attempts, approval_consumed, reserved_at };
}
