import type { Selectable } from 'kysely';
import { rungsOf } from '../../domain/escalation.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { likenessOf } from './likeness.ts';
import { groupSubject, subjectMac } from './subject-mac.ts';
import type { ApprovalsTable } from './tables.ts';

type AskedNames = 'asked_roles' | 'asked_step_up' | 'initiator_mac' | 'owner_mac' | 'likeness';

/** Of whom an approval is asked, so that SQL can tell: roles in plain, people and groups as commitments. */
export type AskedColumns = {
  readonly [Name in AskedNames]: NonNullable<Selectable<ApprovalsTable>[Name]>;
} & LaterColumns;

/** Roles that are asked later, and from when, in ISO 8601, side by side. */
interface LaterColumns {
  readonly later_roles: readonly string[] | null;
  readonly later_at: readonly string[] | null;
}

/** What changes the requirement of an approval writes these again with it. */
export async function askedColumns(keys: KeyService, row: ApprovalRow): Promise<AskedColumns> {
  const [initiator, owner, likeness] = await Promise.all([
    subjectMac(keys, row.tenant, row.initiator),
    subjectMac(keys, row.tenant, groupSubject(row.ownerGroup)),
    likenessOf(keys, row),
  ]);
  const { roles, stepUp } = row.requirement;
  const asked = {
    asked_roles: [...roles],
    asked_step_up: stepUp,
    initiator_mac: initiator,
    owner_mac: owner,
    likeness,
  };
  return { ...asked, ...laterColumns(row) };
}

function laterColumns(row: Pick<ApprovalRow, 'requirement' | 'createdAt' | 'expiresAt'>): LaterColumns {
  const later = rungsOf(row.requirement, row).flatMap(({ roles, at }) => roles.map((role) => ({ role, at })));
  if (later.length === 0) return { later_roles: null, later_at: null };
  return { later_roles: later.map(({ role }) => role), later_at: later.map(({ at }) => at) };
}
