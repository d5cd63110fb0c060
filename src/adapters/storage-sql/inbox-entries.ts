import { type RawBuilder, sql } from 'kysely';
import type { RiskTier } from '../../domain/action.ts';
import type { ApprovalSummary } from '../../domain/approval-summary.ts';
import type { InboxEntry } from '../../ports/approval-inbox.port.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';
import { hasAnswered, hasRole, isOwn, type Reader } from './approval-conditions.ts';
import { sealJson } from './sealed-json.ts';

export interface EntryColumns {
  readonly approval_id: string;
  readonly run_id: string;
  readonly agent: string;
  readonly tool: string;
  readonly risk: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly summary_key_id: string | null;
  readonly summary: Uint8Array | null;
  readonly has_role: boolean;
  readonly is_own: boolean;
  readonly has_answered: boolean;
  readonly needs_step_up: boolean;
  readonly verdicts: number | string | bigint;
}

export const entryColumns = (reader: Reader, now: string): RawBuilder<unknown> => sql`
  approval_id, run_id, agent, tool, risk, created_at, expires_at, summary_key_id, summary,
  ${hasRole(reader, now)} as has_role, ${isOwn(reader)} as is_own, ${hasAnswered(reader)} as has_answered,
  coalesce(asked_step_up, false) as needs_step_up,
  (select count(*) from verdicts where verdicts.tenant = approvals.tenant
    and verdicts.approval_id = approvals.approval_id and verdicts.withdrawn_at is null) as verdicts`;

const summaryContext = (approvalId: string) => `approval-summary/${approvalId}`;

/** Null in its place says that the content could not be read when the summary was due. */
export function sealSummary(
  keys: KeyService,
  { tenant, approvalId }: Pick<ApprovalRow, 'tenant' | 'approvalId'>,
  summary: ApprovalSummary | undefined,
): Promise<Sealed> {
  return sealJson(keys, tenant, summaryContext(approvalId), { summary: summary ?? null });
}

/** A summary that does not open is one row's trouble, never the list's. */
export async function inboxEntryOf(keys: KeyService, tenant: string, row: EntryColumns): Promise<InboxEntry> {
  return {
    approvalId: row.approval_id,
    runId: row.run_id,
    agent: row.agent,
    tool: row.tool,
    // Written from the same union.
    risk: row.risk as RiskTier,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    verdicts: Number(row.verdicts),
    viewer: { hasRole: row.has_role, isOwn: row.is_own, hasAnswered: row.has_answered },
    needsStepUp: row.needs_step_up,
    summary: await openedSummary(keys, tenant, row),
  };
}

async function openedSummary(
  keys: KeyService,
  tenant: string,
  { approval_id, summary, summary_key_id }: EntryColumns,
): Promise<ApprovalSummary | undefined> {
  if (summary === null || summary_key_id === null) return undefined;
  const bytes = await keys.open(tenant, summaryContext(approval_id), { keyId: summary_key_id, bytes: summary });
  if (bytes === undefined) return undefined;
  // Authenticated: these are the bytes that sealSummary wrote for this approval.
  const opened = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly summary: ApprovalSummary | null };
  return opened.summary ?? undefined;
}
