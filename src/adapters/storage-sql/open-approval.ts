import { type RawBuilder, sql } from 'kysely';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import type { AskedColumns } from './asked-columns.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface OpenRow {
  readonly opened: boolean;
  readonly known: boolean;
}

/** A new approval is pending, whatever the row says: every later state is reached by its own transition. */
export function openStatement(
  row: ApprovalRow,
  details: Sealed,
  asked: AskedColumns,
  summary: Sealed | undefined,
  rows: OutboxRows,
): RawBuilder<OpenRow> {
  return sql<OpenRow>`
    with changed as (
      insert into approvals (tenant, approval_id, run_id, agent, call_id, kind, tool, state, action_digest, render_hash,
        envelope_ref, sheet_ref, risk, details_key_id, details, asked_roles, asked_step_up, initiator_mac, owner_mac,
        summary_key_id, summary, created_at, expires_at)
      select ${row.tenant}::text, ${row.approvalId}::text, run_id, ${row.agent}::text, ${row.callId}::text, ${row.kind}::text,
        ${row.tool}::text, 'pending', ${row.actionDigest}::text, ${row.renderHash}::text, ${row.envelopeRef}::text,
        ${row.sheetRef}::text, ${row.risk}::text, ${details.keyId}::text, ${details.bytes}::bytea,
        ${[...asked.asked_roles]}::text[], ${asked.asked_step_up}::boolean, ${asked.initiator_mac}::text, ${asked.owner_mac}::text,
        ${summary?.keyId ?? null}::text, ${summary?.bytes ?? null}::bytea, ${row.createdAt}::timestamptz, ${row.expiresAt}::timestamptz
      from runs where tenant = ${row.tenant}::text and run_id = ${row.runId}::text
      on conflict (tenant, approval_id) do nothing
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as opened,
      exists (select from runs where tenant = ${row.tenant}::text and run_id = ${row.runId}::text) as known`;
}
