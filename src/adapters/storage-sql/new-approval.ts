import { type RawBuilder, sql } from 'kysely';
import type { ApprovalSummary } from '../../domain/approval-summary.ts';
import { remindAt } from '../../domain/escalation.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';
import { sealDetails } from './approval-rows.ts';
import { type AskedColumns, askedColumns } from './asked-columns.ts';
import { sealSummary } from './inbox-entries.ts';

/** A question as it goes into its row: facts in plain, people and reasons sealed. */
export interface NewApproval {
  readonly row: ApprovalRow;
  readonly details: Sealed;
  readonly asked: AskedColumns;
  readonly summary: Sealed | undefined;
}

export async function sealNewApproval(
  keys: KeyService,
  row: ApprovalRow,
  summary: ApprovalSummary | undefined,
): Promise<NewApproval> {
  const [details, asked, sealedSummary] = await Promise.all([
    sealDetails(keys, row),
    askedColumns(keys, row),
    summary && sealSummary(keys, row, summary),
  ]);
  return { row, details, asked, summary: sealedSummary };
}

/**
 * Inserts the question for each row that `source` yields, which is one or none. It is pending, whatever its row says:
 * every later state is reached by its own transition.
 */
export function insertApproval(
  { row, details, asked, summary }: NewApproval,
  source: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
      insert into approvals (tenant, approval_id, run_id, agent, call_id, kind, tool, state, action_digest, render_hash,
        envelope_ref, sheet_ref, risk, details_key_id, details, asked_roles, asked_step_up, initiator_mac, owner_mac,
        likeness, later_roles, later_at, widens_at, remind_at, summary_key_id, summary, created_at, expires_at)
      select ${row.tenant}::text, ${row.approvalId}::text, ${row.runId}::text, ${row.agent}::text, ${row.callId}::text,
        ${row.kind}::text, ${row.tool}::text, 'pending', ${row.actionDigest}::text, ${row.renderHash}::text,
        ${row.envelopeRef}::text, ${row.sheetRef}::text, ${row.risk}::text, ${details.keyId}::text,
        ${details.bytes}::bytea, ${[...asked.asked_roles]}::text[], ${asked.asked_step_up}::boolean,
        ${asked.initiator_mac}::text, ${asked.owner_mac}::text, ${asked.likeness}::text, ${listOrNull(asked.later_roles)}::text[],
        ${listOrNull(asked.later_at)}::text[]::timestamptz[], ${asked.later_at?.[0] ?? null}::timestamptz,
        ${remindAt(row.requirement, row) ?? null}::timestamptz, ${summary?.keyId ?? null}::text,
        ${summary?.bytes ?? null}::bytea, ${row.createdAt}::timestamptz, ${row.expiresAt}::timestamptz
      from ${source}`;
}

const listOrNull = (list: readonly string[] | null): string[] | null => list && [...list];
