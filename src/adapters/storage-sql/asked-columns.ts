import type { Selectable } from 'kysely';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { groupSubject, subjectMac } from './subject-mac.ts';
import type { ApprovalsTable } from './tables.ts';

type AskedNames = 'asked_roles' | 'asked_step_up' | 'initiator_mac' | 'owner_mac';

/** Of whom an approval is asked, so that SQL can tell: roles in plain, people and groups as commitments. */
export type AskedColumns = { readonly [Name in AskedNames]: NonNullable<Selectable<ApprovalsTable>[Name]> };

/** What changes the requirement of an approval writes these again with it. */
export async function askedColumns(
  keys: KeyService,
  row: Pick<ApprovalRow, 'tenant' | 'requirement' | 'initiator' | 'ownerGroup'>,
): Promise<AskedColumns> {
  const [initiator, owner] = await Promise.all([
    subjectMac(keys, row.tenant, row.initiator),
    subjectMac(keys, row.tenant, groupSubject(row.ownerGroup)),
  ]);
  const { roles, stepUp } = row.requirement;
  return { asked_roles: [...roles], asked_step_up: stepUp, initiator_mac: initiator, owner_mac: owner };
}
