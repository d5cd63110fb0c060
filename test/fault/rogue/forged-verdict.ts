import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { canonicalJson } from '../../../src/digest/canonical-json.ts';
import { digestOfText } from '../../../src/digest/digest.ts';
import type { Verdict } from '../../../src/domain/approval.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { recordOf } from '../../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { Governed } from '../../support/governed.ts';
import type { Asked, RogueWorker } from './rogue-worker.ts';

/** Whoever has the API's verdict key, and a worker: he stores what verdicts he likes, and schedules effects. */
export interface Forge {
  /** A verdict without any proof. */
  claimedBy(row: ApprovalRow): Verdict;
  /** Signed with the API's own key, and stored as the API would. */
  store(row: ApprovalRow, verdict: Verdict): Promise<void>;
  /** What becomes of the effect with an approval that this verdict alone stands behind. */
  performedWith(forge: (verdict: Verdict) => Verdict | Promise<Verdict>): Promise<string>;
}

export function createForge(
  at: Governed,
  rogue: RogueWorker,
  { approval, action }: { readonly approval: ApprovalRow; readonly action: Asked },
  claim: Pick<Verdict, 'approver' | 'roles' | 'acr'>,
): Forge {
  const { approvals } = at.records.storage;

  /** An approval of exactly the honest action, of which the rogue has opened as many as it likes. */
  async function anotherApproval(): Promise<ApprovalRow> {
    const approvalId = `apr_${digestOfText('content', randomBytes(8).toString('hex')).slice(-32)}`;
    const row = { ...approval, approvalId };
    const { callId, tool, envelopeRef, actionDigest, expiresAt } = row;
    const body = { callId, tool, envelopeRef, actionDigest, approvalId, expiresAt };
    return approvals.open(row, recordOf('approval-opened', row, approvalId, row.createdAt, body));
  }

  const forge: Forge = {
    claimedBy: (row) => ({
      v: 1,
      verdictId: `vrd_${randomBytes(16).toString('hex')}`,
      approvalId: row.approvalId,
      tenant: 'default',
      actionDigest: row.actionDigest,
      renderHash: row.renderHash,
      verdict: 'approve',
      groups: [],
      nonce: randomBytes(32).toString('base64url'),
      at: new Date().toISOString(),
      reason: '',
      ...claim,
    }),

    async store(row, verdict) {
      const text = canonicalJson(verdict as object as JsonObject);
      const signed = { verdict, ...(await at.records.keys.sign('verdict', text)) };
      const { verdictId, approver: by } = verdict;
      const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
      const body = { approvalId, verdictId, by, verdict: verdict.verdict, callId, tool, envelopeRef, actionDigest };
      const record = recordOf('verdict-given', row, verdictId, verdict.at, body);
      expect(await approvals.storeVerdict(signed, new Date().toISOString(), record)).toBe('stored');
    },

    async performedWith(change) {
      const row = await anotherApproval();
      await forge.store(row, await change(forge.claimedBy(row)));
      const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
      const body = { approvalId, callId, tool, envelopeRef, actionDigest, state: 'approved' } as const;
      const now = new Date().toISOString();
      await approvals.close('default', approvalId, 'approved', now, [
        recordOf('approval-closed', row, approvalId, now, body),
      ]);
      return rogue.perform({ run: { tenant: 'default', runId: at.runId }, action, approvalId });
    },
  };
  return forge;
}
