import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalRow, ApprovalStore } from '../../ports/approval-store.port.ts';
import type { Identity } from '../../ports/directory.port.ts';

const approvalForm = /^apr_[0-9a-f]{32}$/;

/** Whether storage may be asked for it: anybody can write an id. */
export function isApprovalId(approvalId: string): boolean {
  return approvalForm.test(approvalId);
}

/** The approval of his tenant, by an id from outside. Code: `approval-not-found`. */
export async function findApproval(
  approvals: Pick<ApprovalStore, 'find'>,
  { tenant }: Pick<Identity, 'tenant'>,
  approvalId: string,
): Promise<ApprovalRow> {
  const row = isApprovalId(approvalId) ? await approvals.find(tenant, approvalId) : undefined;
  if (row === undefined) throw new CountersignError('approval-not-found');
  return row;
}
