import type { Selectable } from 'kysely';
import type { ActionKind, RiskTier } from '../../domain/action.ts';
import type { ApprovalState } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { ApprovalsTable } from './tables.ts';

export type ApprovalColumns = Selectable<ApprovalsTable>;

/** What is personal or quotes content is sealed together. */
type ApprovalDetails = Pick<ApprovalRow, 'reasons' | 'requirement' | 'initiator' | 'ownerGroup'>;

const detailsContext = (approvalId: string) => `approval/${approvalId}`;

export function sealDetails(keys: KeyService, row: ApprovalRow): Promise<Sealed> {
  const { reasons, requirement, initiator, ownerGroup } = row;
  const details: ApprovalDetails = { reasons, requirement, initiator, ownerGroup };
  return sealJson(keys, row.tenant, detailsContext(row.approvalId), details);
}

/** Fails with `undecodable` where what is sealed does not open. */
export async function approvalRowOf(keys: KeyService, row: ApprovalColumns): Promise<ApprovalRow> {
  const sealed = { keyId: row.details_key_id, bytes: row.details };
  return rowWith(row, await openJson<ApprovalDetails>(keys, row.tenant, detailsContext(row.approval_id), sealed));
}

/** A list, and the end of a run that goes through one, is not lost to one row that does not open. */
export async function listedRowOf(keys: KeyService, row: ApprovalColumns): Promise<ApprovalRow> {
  return approvalRowOf(keys, row).catch((error: unknown) => {
    if (!(error instanceof CountersignError) || error.code !== 'undecodable') throw error;
    return { ...rowWith(row, nothingKnown), unreadable: true };
  });
}

const nothingKnown: ApprovalDetails = {
  reasons: [],
  requirement: { quorum: 1, roles: [], ttlSeconds: 0, stepUp: false },
  initiator: '',
  ownerGroup: '',
};

function rowWith(row: ApprovalColumns, details: ApprovalDetails): ApprovalRow {
  return {
    approvalId: row.approval_id,
    tenant: row.tenant,
    runId: row.run_id,
    agent: row.agent,
    callId: row.call_id,
    // Kind and risk are written from the same unions; the table's check holds the states.
    kind: row.kind as ActionKind,
    tool: row.tool,
    state: row.state as ApprovalState,
    actionDigest: row.action_digest,
    renderHash: row.render_hash,
    envelopeRef: parseBlobRef(row.envelope_ref),
    sheetRef: parseBlobRef(row.sheet_ref),
    risk: row.risk as RiskTier,
    ...details,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at.toISOString() }),
    ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
    revision: row.revision,
  };
}
