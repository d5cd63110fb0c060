import { type RawBuilder, sql } from 'kysely';
import type { SignedVerdict } from '../../domain/approval.ts';
import type { Sealed } from '../../ports/key-service.port.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export interface VerdictRow {
  readonly open: boolean;
  readonly stored: boolean;
  /** This very verdict was there before: its caller repeats himself after a crash. */
  readonly same: boolean;
  readonly answered: boolean;
}

/**
 * The approval's row is counted up while the verdict is written: a verdict is stored before the approval closes, and
 * whoever closes it has seen it, or it is not stored at all.
 * One verdict a person that stands, by a commitment to who it is.
 */
export function verdictStatement(
  signed: SignedVerdict,
  approverMac: string,
  sealed: Sealed,
  at: string,
  rows: OutboxRows,
): RawBuilder<VerdictRow> {
  const { tenant, approvalId, verdictId, verdict } = signed.verdict;
  const edits = verdict === 'edit';
  return sql<VerdictRow>`
    with open as (
      update approvals set revision = revision + 1
      where tenant = ${tenant}::text and approval_id = ${approvalId}::text
        and state = 'pending' and expires_at > ${at}::timestamptz
      returning run_id
    ), changed as (
      insert into verdicts (tenant, approval_id, approver_mac, verdict_id, verdict_key_id, verdict, stored_at, edits)
      select ${tenant}::text, ${approvalId}::text, ${approverMac}::text, ${verdictId}::text, ${sealed.keyId}::text,
        ${sealed.bytes}::bytea, ${at}::timestamptz, ${edits}::boolean
      from open
      on conflict do nothing
      returning 1
    ), edited as (
      update run_usage set has_edits = true
      where ${edits}::boolean and tenant = ${tenant}::text and run_id = (select run_id from open)
        and exists (select from changed)
    ), ${withRecords(rows)}
    select exists (select from open) as open, exists (select from changed) as stored,
      exists (select from verdicts where tenant = ${tenant}::text and approval_id = ${approvalId}::text
        and approver_mac = ${approverMac}::text and verdict_id = ${verdictId}::text) as same,
      exists (select from verdicts where verdict_id = ${verdictId}::text or (tenant = ${tenant}::text
        and approval_id = ${approvalId}::text and approver_mac = ${approverMac}::text and withdrawn_at is null)) as answered`;
}

/** Undefined: the same person's other verdict was committed after this statement's snapshot. */
export function verdictOutcomeOf(row: VerdictRow): 'stored' | 'closed' | 'already-decided' | 'repeated' | undefined {
  if (row.stored) return 'stored';
  if (row.same) return 'repeated';
  if (!row.open) return 'closed';
  return row.answered ? 'already-decided' : undefined;
}
