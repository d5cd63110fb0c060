import { type RawBuilder, sql } from 'kysely';
import type { ApprovalState } from '../../domain/approval.ts';
import type { SignedWithdrawal, WithdrawableState } from '../../domain/verdict-withdrawal.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface WithdrawRow {
  readonly withdrawn: boolean;
  /** Before the statement; null where no such approval is. */
  readonly state: ApprovalState | null;
  readonly stands: boolean;
}

/**
 * The verdict taken back and its approval told, or neither. A pending one is counted up, so that whoever judges its
 * verdicts sees that they changed; an approved one is withdrawn, and a reservation that comes later finds it so.
 */
export function withdrawStatement(
  { withdrawal: { withdraws, tenant, approvalId } }: SignedWithdrawal,
  seen: WithdrawableState,
  sealed: Sealed,
  at: string,
  rows: OutboxRows,
): RawBuilder<WithdrawRow> {
  const standing = sql`verdicts where tenant = ${tenant}::text and approval_id = ${approvalId}::text
    and verdict_id = ${withdraws}::text and withdrawn_at is null`;
  const transition =
    seen === 'approved'
      ? sql`state = 'withdrawn', closed_at = ${at}::timestamptz, revision = revision + 1`
      : sql`revision = revision + 1`;
  return sql<WithdrawRow>`
    with told as (
      update approvals set ${transition}
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and state = ${seen}::text
        and exists (select from ${standing})
      returning 1
    ), changed as (
      update verdicts set withdrawn_at = ${at}::timestamptz, withdrawal_key_id = ${sealed.keyId}::text,
        withdrawal = ${sealed.bytes}::bytea
      where verdict_id = ${withdraws}::text and withdrawn_at is null and exists (select from told)
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as withdrawn, before.state, exists (select from ${standing}) as stands
    from (select 1) as one left join approvals as before
      on before.tenant = ${tenant}::text and before.approval_id = ${approvalId}::text`;
}

/** Undefined: the snapshot showed no obstacle, so a concurrent statement was faster. */
export function withdrawOutcomeOf(row: WithdrawRow, seen: WithdrawableState): 'withdrawn' | 'changed' | undefined {
  if (row.withdrawn) return 'withdrawn';
  return row.state === seen && row.stands ? undefined : 'changed';
}
