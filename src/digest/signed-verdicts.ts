import type { SignedVerdict, Verdict } from '../domain/approval.ts';
import type { JsonObject } from '../domain/json.ts';
import type { ApprovalRow } from '../ports/approval-store.port.ts';
import type { KeyService } from '../ports/key-service.port.ts';
import { canonicalJson } from './canonical-json.ts';

/** Whether the API's key signed exactly this verdict, whichever row it was found in. */
export function isSignedVerdict(keys: Pick<KeyService, 'verify'>, signed: SignedVerdict): Promise<boolean> {
  return keys.verify('verdict', canonicalJson(signed.verdict as object as JsonObject), signed);
}

/** Whether it was given for this approval, for this action, and for what people were shown of it. */
export function isOfApproval(
  verdict: Verdict,
  {
    approvalId,
    tenant,
    actionDigest,
    renderHash,
  }: Pick<ApprovalRow, 'approvalId' | 'tenant' | 'actionDigest' | 'renderHash'>,
): boolean {
  return (
    verdict.approvalId === approvalId &&
    verdict.tenant === tenant &&
    verdict.actionDigest === actionDigest &&
    verdict.renderHash === renderHash
  );
}
