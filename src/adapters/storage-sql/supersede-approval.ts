import { type RawBuilder, sql } from 'kysely';
import type { ApprovalState } from '../../domain/approval.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import type { AskedColumns } from './asked-columns.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface SupersedeRow {
  readonly superseded: boolean;
  /** Before the statement; null where no such approval is. */
  readonly state: ApprovalState | null;
  readonly revision: number | null;
}

/** The old question closed and the new one opened: there is never one without the other. */
export function supersedeStatement(
  row: ApprovalRow,
  successor: ApprovalRow,
  details: Sealed,
  asked: AskedColumns,
  summary: Sealed | undefined,
  at: string,
  rows: OutboxRows,
): RawBuilder<SupersedeRow> {
  const { tenant, approvalId, revision } = row;
  return sql<SupersedeRow>`
    with closed as (
      update approvals set state = 'superseded', closed_at = ${at}::timestamptz, superseded_by = ${successor.approvalId}::text
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text and run_id = ${successor.runId}::text
        and state = 'pending' and revision = ${revision}::integer
      returning 1
    ), changed as (
      insert into approvals (tenant, approval_id, run_id, agent, call_id, kind, tool, state, action_digest, render_hash,
        envelope_ref, sheet_ref, risk, details_key_id, details, asked_roles, asked_step_up, initiator_mac, owner_mac,
        summary_key_id, summary, created_at, expires_at)
      select ${tenant}::text, ${successor.approvalId}::text, ${successor.runId}::text, ${successor.agent}::text,
        ${successor.callId}::text, ${successor.kind}::text, ${successor.tool}::text, 'pending',
        ${successor.actionDigest}::text, ${successor.renderHash}::text, ${successor.envelopeRef}::text,
        ${successor.sheetRef}::text, ${successor.risk}::text, ${details.keyId}::text, ${details.bytes}::bytea,
        ${[...asked.asked_roles]}::text[], ${asked.asked_step_up}::boolean, ${asked.initiator_mac}::text, ${asked.owner_mac}::text,
        ${summary?.keyId ?? null}::text, ${summary?.bytes ?? null}::bytea,
        ${successor.createdAt}::timestamptz, ${successor.expiresAt}::timestamptz
      from closed
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as superseded, before.state, before.revision
    from (select 1) as one left join approvals as before
      on before.tenant = ${tenant}::text and before.approval_id = ${approvalId}::text`;
}

/** Undefined: the snapshot showed no obstacle, so a concurrent statement was faster. */
export function supersedeOutcomeOf(row: SupersedeRow, seenRevision: number): 'superseded' | 'changed' | undefined {
  if (row.superseded) return 'superseded';
  return row.state === 'pending' && row.revision === seenRevision ? undefined : 'changed';
}
