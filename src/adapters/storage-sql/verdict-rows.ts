import type { Selectable } from 'kysely';
import type { SignedVerdict } from '../../domain/approval.ts';
import type { SignedWithdrawal } from '../../domain/verdict-withdrawal.ts';
import type { StoredVerdict, WithdrawnVerdict } from '../../ports/approval-store.port.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { VerdictsTable } from './tables.ts';

type VerdictColumns = Selectable<VerdictsTable>;

export const verdictColumns = ['verdicts.approval_id', 'verdict_id', 'verdict_key_id', 'verdict'] as const;

const verdictContext = (approvalId: string, verdictId: string) => `verdict/${approvalId}/${verdictId}`;
const withdrawalContext = (approvalId: string, verdictId: string) => `verdict-withdrawal/${approvalId}/${verdictId}`;

export function sealVerdict(keys: KeyService, signed: SignedVerdict): Promise<Sealed> {
  const { tenant, approvalId, verdictId } = signed.verdict;
  return sealJson(keys, tenant, verdictContext(approvalId, verdictId), signed);
}

export function sealWithdrawal(keys: KeyService, signed: SignedWithdrawal): Promise<Sealed> {
  const { tenant, approvalId, withdraws } = signed.withdrawal;
  return sealJson(keys, tenant, withdrawalContext(approvalId, withdraws), signed);
}

export function openVerdict(
  keys: KeyService,
  tenant: string,
  row: Pick<VerdictColumns, 'approval_id' | 'verdict_id' | 'verdict_key_id' | 'verdict'>,
): Promise<SignedVerdict> {
  const sealed = { keyId: row.verdict_key_id, bytes: row.verdict };
  return openJson<SignedVerdict>(keys, tenant, verdictContext(row.approval_id, row.verdict_id), sealed);
}

export async function storedVerdictOf(keys: KeyService, tenant: string, row: VerdictColumns): Promise<StoredVerdict> {
  return { signed: await openVerdict(keys, tenant, row), storedAt: row.stored_at.toISOString() };
}

/** None for a verdict that stands. */
export async function withdrawnVerdictOf(
  keys: KeyService,
  tenant: string,
  row: VerdictColumns,
): Promise<readonly WithdrawnVerdict[]> {
  const { approval_id, verdict_id, withdrawal, withdrawal_key_id } = row;
  if (withdrawal === null || withdrawal_key_id === null) return [];
  const sealed = { keyId: withdrawal_key_id, bytes: withdrawal };
  const context = withdrawalContext(approval_id, verdict_id);
  const withdrawn = await openJson<SignedWithdrawal>(keys, tenant, context, sealed);
  return [{ ...(await storedVerdictOf(keys, tenant, row)), withdrawn }];
}
