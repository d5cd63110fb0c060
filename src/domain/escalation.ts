import type { ApprovalRequirement, EscalationRung } from './decision.ts';

/** A rung at its time. */
export interface TimedRung extends EscalationRung {
  /** ISO 8601. */
  readonly at: string;
}

interface Asked {
  /** ISO 8601, like the end. */
  readonly createdAt: string;
  readonly expiresAt: string;
}

/**
 * The roles that count at a moment of a question that was opened at `openedAt`, both ISO 8601. A verdict is judged by
 * the moment at which it was given: what came before its rung counts at no later time either. A moment that cannot be
 * read reaches no rung.
 */
export function rolesAt(requirement: ApprovalRequirement, openedAt: string, at: string): readonly string[] {
  const waitedMs = Date.parse(at) - Date.parse(openedAt);
  const reached = (requirement.widen ?? []).filter(({ afterSeconds }) => waitedMs >= afterSeconds * 1_000);
  return reached.length === 0
    ? requirement.roles
    : [...new Set([...requirement.roles, ...reached.flatMap(({ roles }) => roles)])];
}

/** Who is asked besides, and from when: the rungs that come before the question ends, in their order. */
export function rungsOf(requirement: ApprovalRequirement, { createdAt, expiresAt }: Asked): readonly TimedRung[] {
  return (requirement.widen ?? [])
    .map((rung) => ({ ...rung, at: afterOpening(createdAt, rung.afterSeconds) }))
    .filter(({ at }) => at < expiresAt)
    .toSorted((one, other) => one.afterSeconds - other.afterSeconds);
}

/** From when on somebody with these roles is asked, where he is asked later; undefined: at once, or never. */
export function askedFrom(
  requirement: ApprovalRequirement,
  asked: Asked,
  roles: readonly string[],
): string | undefined {
  if (requirement.roles.some((role) => roles.includes(role))) return undefined;
  return rungsOf(requirement, asked).find((rung) => rung.roles.some((role) => roles.includes(role)))?.at;
}

/** When people are reminded, where policy says so, and the question is still open then. */
export function remindAt({ remindSeconds }: ApprovalRequirement, { createdAt, expiresAt }: Asked): string | undefined {
  const at = remindSeconds === undefined ? undefined : afterOpening(createdAt, remindSeconds);
  return at !== undefined && at < expiresAt ? at : undefined;
}

/** The rungs and the reminder of every rule that asks, at their own times; what the shortest time leaves no room for is dropped. */
export function mergedEscalation(
  asks: readonly ApprovalRequirement[],
  roles: readonly string[],
  ttlSeconds: number,
): Pick<ApprovalRequirement, 'widen' | 'remindSeconds'> {
  const widen = newRolesOnly(
    roles,
    asks.flatMap((ask) => ask.widen ?? []).filter(({ afterSeconds }) => afterSeconds < ttlSeconds),
  );
  const reminders = asks.flatMap(({ remindSeconds }) => remindSeconds ?? []).filter((after) => after < ttlSeconds);
  return {
    ...(widen.length > 0 && { widen }),
    ...(reminders.length > 0 && { remindSeconds: Math.min(...reminders) }),
  };
}

/** One rung a time, each with the roles that were not asked before it. */
function newRolesOnly(roles: readonly string[], rungs: readonly EscalationRung[]): readonly EscalationRung[] {
  const asked = new Set(roles);
  const times = [...new Set(rungs.map(({ afterSeconds }) => afterSeconds))].toSorted((a, b) => a - b);
  return times.flatMap((afterSeconds) => {
    const named = rungs.filter((rung) => rung.afterSeconds === afterSeconds).flatMap((rung) => rung.roles);
    const added = [...new Set(named)].filter((role) => !asked.has(role)).toSorted();
    for (const role of added) asked.add(role);
    return added.length === 0 ? [] : [{ afterSeconds, roles: added }];
  });
}

function afterOpening(createdAt: string, seconds: number): string {
  return new Date(Date.parse(createdAt) + seconds * 1_000).toISOString();
}

/** The latest of several claims about when a question was opened, ISO 8601: whoever would have it earlier must forge them all. */
export function latestOf(first: string, ...others: readonly string[]): string {
  return others.reduce((latest, at) => (Date.parse(at) > Date.parse(latest) ? at : latest), first);
}
