import { digestOfText } from '../../digest/digest.ts';
import type { ApprovalRow, ApprovalStore } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { NudgeRouting } from '../../ports/nudge-channels.port.ts';
import type { NudgeStore, PlannedNudge, UnplannedNudge } from '../../ports/nudge-store.port.ts';
import type { ApiLog } from '../log.ts';

const planLimit = 200;

export interface PlanDependencies {
  readonly nudges: NudgeStore;
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly clock: Clock;
  readonly log: ApiLog;
}

/** Writes a row for everybody who is to be told of a question and was not yet. Doing it again adds nothing. */
export async function planNudges(
  { nudges, approvals, clock, log }: PlanDependencies,
  routing: NudgeRouting,
): Promise<void> {
  for (const unplanned of await nudges.unplanned(isoTime(clock), routing.remindWhenLeft, planLimit)) {
    const channels = channelsFor(await readApproval(approvals, unplanned, log), unplanned, routing);
    if (channels.length === 0) {
      const { approvalId, occasion } = unplanned;
      log.info('nudge-without-channel', { approvalId, occasion });
    }
    const planned = (channels.length === 0 ? [''] : channels).map((channel) => plannedNudge(unplanned, channel));
    await nudges.plan(planned, isoTime(clock));
  }
}

function channelsFor(
  approval: ApprovalRow | undefined,
  { occasion }: UnplannedNudge,
  { roles, owners }: NudgeRouting,
): readonly string[] {
  if (approval === undefined) return [];
  const named =
    occasion === 'expired'
      ? (owners.get(approval.ownerGroup) ?? [])
      : approval.requirement.roles.flatMap((role) => roles.get(role) ?? []);
  return [...new Set(named)];
}

/** One row that does not verify must not keep the others from being told. */
async function readApproval(
  approvals: Pick<ApprovalStore, 'find'>,
  { tenant, approvalId }: UnplannedNudge,
  log: ApiLog,
): Promise<ApprovalRow | undefined> {
  try {
    return await approvals.find(tenant, approvalId);
  } catch (error) {
    log.error('nudge-approval-unreadable', { approvalId }, error);
    return undefined;
  }
}

/** The same message has the same id, however often it is planned or sent. */
function plannedNudge(unplanned: UnplannedNudge, channel: string): PlannedNudge {
  const { tenant, approvalId, occasion } = unplanned;
  const digest = digestOfText('content', [tenant, approvalId, occasion, channel].join('\0'));
  return { ...unplanned, channel, nudgeId: `nudge_${digest.slice('sha256:'.length, 'sha256:'.length + 32)}` };
}
