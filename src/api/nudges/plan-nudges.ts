import { digestOfText } from '../../digest/digest.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { rolesAt } from '../../domain/escalation.ts';
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
    const approval = await readApproval(approvals, unplanned, log);
    const at = isoTime(clock);
    const channels = approval === undefined ? [] : channelsFor(approval, unplanned, routing, at);
    if (channels.length === 0) {
      const { approvalId, occasion } = unplanned;
      log.info('nudge-without-channel', { approvalId, occasion });
    }
    // Whom the reminder tells already needs no alarm besides.
    const reminded = new Set(
      approval !== undefined && unplanned.occasion === 'alarm'
        ? channelsFor(approval, { ...unplanned, occasion: 'reminder' }, routing, at)
        : [],
    );
    const planned = (channels.length === 0 ? [''] : channels).map((channel) => ({
      ...plannedNudge(unplanned, channel),
      ...(reminded.has(channel) && { covered: true as const }),
    }));
    await nudges.plan(planned, at);
  }
}

function channelsFor(
  approval: ApprovalRow,
  unplanned: UnplannedNudge,
  { roles, owners }: NudgeRouting,
  at: string,
): readonly string[] {
  const told = toldRoles(approval, unplanned, at);
  const named =
    told === 'owner' ? (owners.get(approval.ownerGroup) ?? []) : told.flatMap((role) => roles.get(role) ?? []);
  return [...new Set(named)];
}

function toldRoles(
  { requirement, createdAt }: ApprovalRow,
  { occasion, rung }: UnplannedNudge,
  at: string,
): readonly string[] | 'owner' {
  switch (occasion) {
    case 'opened':
      return requirement.roles;
    case 'widened':
      return requirement.widen?.find(({ afterSeconds }) => afterSeconds === rung)?.roles ?? [];
    case 'reminder':
      return rolesAt(requirement, createdAt, at);
    case 'alarm':
    case 'expired':
      return 'owner';
    default:
      return assertNever(occasion);
  }
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
  const { tenant, approvalId, occasion, rung } = unplanned;
  const which = rung === 0 ? occasion : `${occasion}/${rung}`;
  const digest = digestOfText('content', [tenant, approvalId, which, channel].join('\0'));
  return { ...unplanned, channel, nudgeId: `nudge_${digest.slice('sha256:'.length, 'sha256:'.length + 32)}` };
}
