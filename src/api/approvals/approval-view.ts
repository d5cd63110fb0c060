import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import type { StoredEnvelope } from '../../contracts/http/stored-action.schema.ts';
import { isOfApproval, isSignedVerdict } from '../../digest/signed-verdicts.ts';
import { remindAt, rolesAt, rungsOf } from '../../domain/escalation.ts';
import type { ApprovalRow, ApprovalStore, StoredVerdict, WithdrawnVerdict } from '../../ports/approval-store.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { EffectLedger } from '../../ports/effect-ledger.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';

export interface ApprovalSources {
  readonly approvals: ApprovalStore;
  readonly blobs: BlobStore;
  readonly ledger: Pick<EffectLedger, 'standing'>;
  readonly clock: Clock;
  readonly keys: Pick<KeyService, 'verify'>;
}

export async function approvalView(
  { approvals, ledger, clock, keys }: ApprovalSources,
  row: ApprovalRow,
  envelope: StoredEnvelope | 'unreadable',
): Promise<ApprovalView> {
  const { tenant } = row;
  const [verdicts, withdrawn, effect] = await Promise.all([
    approvals.verdicts(tenant, row.approvalId).then((stored) => genuine(keys, row, stored)),
    approvals.withdrawnVerdicts(tenant, row.approvalId).then((stored) => genuine(keys, row, stored)),
    effectOf(ledger, row),
  ]);
  const edited = envelope === 'unreadable' ? undefined : envelope.edited;
  const { approvalId, runId, kind, state, tool, actionDigest, risk, createdAt, expiresAt } = row;
  return {
    approvalId,
    runId,
    kind,
    state,
    tool,
    args: envelope === 'unreadable' ? {} : envelope.args,
    ...(envelope === 'unreadable' && { unreadable: true }),
    actionDigest,
    risk,
    reasons: [...row.reasons],
    createdAt,
    expiresAt,
    quorum: {
      needed: row.requirement.quorum,
      roles: [...rolesAt(row.requirement, createdAt, row.closedAt ?? isoTime(clock))],
    },
    escalation: escalationView(row),
    verdicts: verdicts.map(verdictView),
    ...(withdrawn.length > 0 && { withdrawnVerdicts: withdrawn.map(withdrawnAnswer) }),
    ...(row.supersededBy !== undefined && { supersededBy: row.supersededBy }),
    ...(edited && { edited: { by: edited.by, approvalId: edited.approvalId, before: edited.before } }),
    ...(effect && { effect }),
  };
}

/** A row that nobody signed counts for nothing, and is shown to nobody as somebody's answer. */
async function genuine<Stored extends StoredVerdict>(
  keys: ApprovalSources['keys'],
  row: ApprovalRow,
  stored: readonly Stored[],
): Promise<readonly Stored[]> {
  const checked = await Promise.all(
    stored.map(async (one) =>
      isOfApproval(one.signed.verdict, row) && (await isSignedVerdict(keys, one.signed)) ? [one] : [],
    ),
  );
  return checked.flat();
}

function escalationView(row: ApprovalRow): ApprovalView['escalation'] {
  const at = remindAt(row.requirement, row);
  return {
    widen: rungsOf(row.requirement, row).map((rung) => ({ at: rung.at, roles: [...rung.roles] })),
    ...(at !== undefined && { remindAt: at }),
    owner: row.ownerGroup,
  };
}

function verdictView({ signed: { verdict } }: StoredVerdict): ApprovalView['verdicts'][number] {
  return {
    by: verdict.approver,
    ...(verdict.delegation && { delegation: verdict.delegation }),
    verdict: verdict.verdict,
    at: verdict.at,
    ...(verdict.reason !== '' && { reason: verdict.reason }),
  };
}

function withdrawnAnswer({ withdrawn, ...stored }: WithdrawnVerdict) {
  return { ...verdictView(stored), withdrawnAt: withdrawn.withdrawal.at };
}

/** Only a consumed approval has an effect: consuming and reserving are one statement. */
async function effectOf(ledger: ApprovalSources['ledger'], row: ApprovalRow): Promise<ApprovalView['effect']> {
  if (row.state !== 'consumed') return undefined;
  const effect = (await ledger.standing(row.tenant, row.runId, `${row.tenant}/${row.runId}/${row.callId}`)).row;
  if (effect === undefined) return undefined;
  return {
    key: effect.key,
    state: effect.state,
    ...(effect.settledAt !== undefined && { settledAt: effect.settledAt }),
  };
}
