import type { Selectable } from 'kysely';
import type { EffectState } from '../../domain/effect.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import type { LedgerRow } from '../../ports/effect-ledger.port.ts';
import type { EffectsTable } from './tables.ts';

export type EffectColumns = Selectable<EffectsTable>;

export function ledgerRowOf(row: EffectColumns): LedgerRow {
  return {
    key: row.key,
    tenant: row.tenant,
    runId: row.run_id,
    tool: row.tool,
    actionDigest: row.action_digest,
    // The table's check holds the states.
    state: row.state as EffectState,
    attempts: row.attempts,
    ...(row.outcome_ref === null ? {} : { outcomeRef: parseBlobRef(row.outcome_ref) }),
    ...(row.approval_id === null ? {} : { approvalId: row.approval_id }),
    reservedAt: row.reserved_at.toISOString(),
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at.toISOString() }),
  };
}
