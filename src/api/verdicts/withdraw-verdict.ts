import type { WithdrawnVerdictView } from '../../contracts/http/approval.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import { approvalClosedRecord, recordOf } from '../../domain/record-bodies.ts';
import { isWithdrawable, type VerdictWithdrawal, type WithdrawableState } from '../../domain/verdict-withdrawal.ts';
import type { ApprovalRow, ApprovalStore, StoredVerdict } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';

export interface WithdrawDependencies {
  readonly approvals: ApprovalStore;
  readonly keys: KeyService;
  readonly clock: Clock;
}

/** Verdicts and their ends that race with this one; each is stored once, so they soon end. */
const looks = 8;
/** Of one person at one approval; the answer after the last of them stays. */
export const mostWithdrawn = 20;

/**
 * Takes a person's own standing verdict back. Stopping needs no role: whoever has lost his may still do it. The run is
 * not told: a pending approval waits on, and an approved one is refused at the effect, where the row decides the race.
 */
export function createWithdrawVerdict({ approvals, keys, clock }: WithdrawDependencies) {
  async function once(row: ApprovalRow, identity: Identity): Promise<WithdrawnVerdictView | 'changed'> {
    const { tenant, approvalId, state } = row;
    const own = (await approvals.verdicts(tenant, approvalId)).find(isOf(identity));
    if (own === undefined) throw new CountersignError('verdict-not-found');
    if (!isWithdrawable(state)) throw new CountersignError('approval-closed');
    const earlier = (await approvals.withdrawnVerdicts(tenant, approvalId)).filter(isOf(identity));
    if (earlier.length >= mostWithdrawn)
      throw new CountersignError('already-decided', { message: 'This answer was taken back too often; it stays.' });
    const { verdictId } = own.signed.verdict;
    const at = isoTime(clock);
    const withdrawal: VerdictWithdrawal = {
      v: 1,
      withdraws: verdictId,
      approvalId,
      tenant,
      actionDigest: row.actionDigest,
      approver: identity.subject,
      acr: identity.acr,
      at,
    };
    const signature = await keys.sign('verdict', canonicalJson(withdrawal as object as JsonObject));
    const records = recordsOf(row, state, withdrawal);
    const outcome = await approvals.withdrawVerdict({ withdrawal, ...signature }, state, at, records);
    return outcome === 'changed' ? outcome : { verdictId, withdrawnAt: at };
  }

  return async function withdrawVerdict(identity: Identity, approvalId: string): Promise<WithdrawnVerdictView> {
    for (let look = 1; look <= looks; look += 1) {
      const row = await approvals.find(identity.tenant, approvalId);
      if (row === undefined) throw new CountersignError('approval-not-found');
      const outcome = await once(row, identity);
      if (outcome !== 'changed') return outcome;
    }
    throw new CountersignError('unavailable', { message: 'The approval changes too often.' });
  };
}

const isOf =
  ({ subject }: Identity) =>
  ({ signed }: StoredVerdict): boolean =>
    signed.verdict.approver === subject;

function recordsOf(row: ApprovalRow, seen: WithdrawableState, { withdraws, approver, at }: VerdictWithdrawal) {
  const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
  const body = { approvalId, verdictId: withdraws, by: approver, callId, tool, envelopeRef, actionDigest };
  const withdrawn = recordOf('verdict-withdrawn', row, withdraws, at, body);
  return seen === 'approved' ? [withdrawn, approvalClosedRecord(row, row, 'withdrawn', at)] : [withdrawn];
}
