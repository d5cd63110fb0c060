import { activeDelegation } from '../../digest/delegations.ts';
import type { SeparationOfDuties } from '../../domain/approval.ts';
import { authorityOf } from '../../domain/counted-rights.ts';
import type { ApprovalRequirement } from '../../domain/decision.ts';
import { countingRoles, isWithin, mayBeLent } from '../../domain/delegation.ts';
import type { InboxViewer } from '../../ports/approval-inbox.port.ts';
import type { StoredVerdict } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { DelegationStore } from '../../ports/delegation-store.port.ts';
import type { Directory, Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';

/** A right that somebody may use now, by the roles that its lender still holds. */
export interface LentRight {
  readonly delegationId: string;
  readonly lender: Identity;
  readonly roles: readonly string[];
  readonly ends: string;
}

export interface LentRightDependencies {
  readonly delegations: Pick<DelegationStore, 'list'>;
  readonly keys: Pick<KeyService, 'verify'>;
  readonly directory: Directory;
  readonly clock: Clock;
}

/** What is lent to somebody at this moment. A role that its lender has lost, or only borrowed, is not among it. */
export type LentRights = (identity: Identity) => Promise<readonly LentRight[]>;

/** More of them at once than anybody needs. */
const mostLentToOne = 200;

export function createLentRights({ delegations, keys, directory, clock }: LentRightDependencies): LentRights {
  return async ({ kind, tenant, subject }) => {
    if (kind !== 'person') return [];
    const now = isoTime(clock);
    const rows = await delegations.list({ tenant, to: subject, inForceAt: now, limit: mostLentToOne });
    const rights = await Promise.all(
      rows.map(async (row): Promise<readonly LentRight[]> => {
        const { delegationId } = row.signed.delegation;
        const lent = await activeDelegation(keys, row, { tenant, delegationId });
        if (lent === undefined || lent.to !== subject || lent.from === subject || !isWithin(lent, now)) return [];
        const lender = await directory.find(lent.from);
        if (lender === undefined || lender.tenant !== tenant) return [];
        const roles = lent.roles.filter((role) => lender.roles.includes(role));
        return roles.length === 0 ? [] : [{ delegationId, lender, roles, ends: lent.ends }];
      }),
    );
    return rights.flat();
  };
}

/** Whoever looks at lists, with what is lent to him: loaded once for all their rows. */
export async function viewerOf(identity: Identity, lentRights: LentRights): Promise<InboxViewer> {
  const lent = (await lentRights(identity)).map(({ roles, lender: { subject, groups } }) => ({
    roles: roles.filter(mayBeLent),
    subject,
    groups,
  }));
  return { ...identity, lent };
}

/** A right with those of its roles that count for a question. */
export interface FittingRight extends LentRight {
  readonly counting: readonly string[];
}

/** The right to use: one whose lender has not counted for this approval yet, where there is one. */
export function fittingRight(
  rights: readonly LentRight[],
  requirement: Pick<ApprovalRequirement, 'roles' | 'stepUp'>,
  duties: SeparationOfDuties,
  verdicts: readonly StoredVerdict[],
): FittingRight | undefined {
  const fitting = rights.flatMap((right): readonly FittingRight[] => {
    const counting = countingRoles(right.roles, right.lender, requirement, duties);
    return counting.length === 0 ? [] : [{ ...right, counting }];
  });
  const used = new Set(verdicts.map(({ signed }) => authorityOf(signed.verdict)));
  return fitting.find(({ lender }) => !used.has(lender.subject)) ?? fitting[0];
}
