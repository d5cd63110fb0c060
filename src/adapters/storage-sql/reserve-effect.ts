import { sql } from 'kysely';
import type { Reservation, ReserveOutcome } from '../../ports/effect-ledger.port.ts';
import { type EffectColumns, ledgerRowOf } from './effect-rows.ts';
import { type Executable, fixedStatement } from './fixed-statement.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

/** What the statement did, and what its snapshot showed: enough to say why it did nothing. */
export interface ReserveRow {
  readonly reserved: boolean;
  /** The key's row with its attempts counted up, where the key was known with this digest. */
  readonly again:
    | (Omit<EffectColumns, 'reserved_at' | 'settled_at'> & { reserved_at: string; settled_at: string | null })
    | null;
  readonly prior_digest: string | null;
  /** Null: no such run, or it has ended. */
  readonly total_spent: number | null;
  readonly tool_spent: number | null;
  readonly approval_ready: boolean;
  readonly nonces_fresh: boolean;
}

/** The answer is an action of the run, but no tool call: it spends nothing of the tools' total. */
const answerTool = 'run.answer';

const countsAsToolCall = (tool: string) => tool !== answerTool;

interface ReserveValues extends Pick<Reservation, 'key' | 'tenant' | 'runId' | 'tool' | 'actionDigest' | 'at'> {
  readonly approvalId: string | null;
  readonly nonces: readonly string[];
  /** What it adds to the calls of all tools. */
  readonly total: 0 | 1;
  readonly totalLimit: number;
  readonly toolLimit: number;
  readonly rows: OutboxRows;
}

/**
 * Counters, approval, nonces, ledger row and records: all or nothing.
 * What the snapshot shows decides; where a concurrent statement got there first, the counter's condition is checked
 * again on its newest row, and a key, a nonce or an approval taken meanwhile breaks a constraint and undoes everything.
 */
const statement = fixedStatement<ReserveValues, ReserveRow>((values) => {
  const { key, tenant, runId, tool, actionDigest, approvalId, nonces, total, totalLimit, toolLimit, at, rows } = values;
  const toolSpent = sql`coalesce((per_tool ->> ${tool}::text)::integer, 0)`;
  return sql<ReserveRow>`
    with prior as (
      select action_digest from effects where key = ${key}::text
    ), ready as (
      select
        ${approvalId}::text is null or exists (
          select from approvals where tenant = ${tenant}::text and approval_id = ${approvalId}::text
            and run_id = ${runId}::text and action_digest = ${actionDigest}::text and state = 'approved') as approval_ready,
        not exists (
          select from spent_nonces where tenant = ${tenant}::text and nonce = any (${nonces}::text[])) as nonces_fresh
    ), counted as (
      update run_usage set tool_calls = tool_calls + ${total}::integer,
        per_tool = jsonb_set(per_tool, array[${tool}::text], to_jsonb(${toolSpent} + 1))
      where tenant = ${tenant}::text and run_id = ${runId}::text and not closed
        and (${total}::integer = 0 or tool_calls < ${totalLimit}::bigint)
        and ${toolSpent} < ${toolLimit}::bigint
        and not exists (select from prior)
        and (select approval_ready and nonces_fresh from ready)
      returning 1
    ), consumed as (
      update approvals set state = 'consumed', consumed_by = ${key}::text
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and state = 'approved'
        and exists (select from counted)
      returning 1
    ), reserved as (
      insert into effects (key, tenant, run_id, tool, action_digest, state, attempts, approval_id, approval_consumed, reserved_at)
      select ${key}::text, ${tenant}::text, ${runId}::text, ${tool}::text, ${actionDigest}::text, 'reserved', 1,
        ${approvalId}::text, exists (select from consumed), ${at}::timestamptz
      from counted
      returning 1
    ), spent as (
      insert into spent_nonces (tenant, nonce, effect_key)
      select ${tenant}::text, nonce, ${key}::text from unnest(${nonces}::text[]) as nonce where exists (select from reserved)
    ), again as (
      update effects set attempts = attempts + 1
      where key = ${key}::text and action_digest = ${actionDigest}::text and exists (select from prior)
      returning *
    ), changed as (
      select 1 from reserved union all select 1 from again
    ), ${withRecords(rows)}
    select exists (select from reserved) as reserved, (select to_jsonb(again) from again) as again,
      (select action_digest from prior) as prior_digest, usage.total_spent, usage.tool_spent,
      ready.approval_ready, ready.nonces_fresh
    from ready left join (
      select tool_calls as total_spent, ${toolSpent} as tool_spent
      from run_usage where tenant = ${tenant}::text and run_id = ${runId}::text and not closed
    ) as usage on true`;
});

export function reserveStatement(reservation: Reservation, rows: OutboxRows): Executable<ReserveRow> {
  const { key, tenant, runId, tool, actionDigest, at, limits } = reservation;
  return statement({
    key,
    tenant,
    runId,
    tool,
    actionDigest,
    approvalId: reservation.approvalId ?? null,
    nonces: [...new Set(reservation.nonces)],
    total: countsAsToolCall(tool) ? 1 : 0,
    totalLimit: limits.total,
    toolLimit: limits.tool,
    at,
    rows,
  });
}

/** Undefined: the snapshot showed no obstacle, so a concurrent statement was faster. */
export function reserveOutcomeOf(row: ReserveRow, reservation: Reservation): ReserveOutcome | undefined {
  if (row.reserved) return { kind: 'reserved' };
  if (row.again !== null) {
    const { reserved_at, settled_at, ...columns } = row.again;
    const settledAt = settled_at === null ? null : new Date(settled_at);
    return {
      kind: 'known',
      row: ledgerRowOf({ ...columns, reserved_at: new Date(reserved_at), settled_at: settledAt }),
    };
  }
  if (row.prior_digest !== null)
    return row.prior_digest === reservation.actionDigest ? undefined : { kind: 'digest-conflict' };
  if (row.total_spent === null || row.tool_spent === null) return { kind: 'run-closed' };
  if (row.tool_spent >= reservation.limits.tool) return { kind: 'limit-reached', limit: 'tool' };
  const total = countsAsToolCall(reservation.tool);
  if (total && row.total_spent >= reservation.limits.total) return { kind: 'limit-reached', limit: 'total' };
  return row.approval_ready && row.nonces_fresh ? undefined : { kind: 'approval-spent' };
}
