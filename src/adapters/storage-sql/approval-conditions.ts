import { type RawBuilder, sql } from 'kysely';
import type { InboxFilter, InboxViewer } from '../../ports/approval-inbox.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { groupSubject, subjectMac } from './subject-mac.ts';

/** A person as rows name people. */
interface Somebody {
  readonly roles: readonly string[];
  readonly mac: string;
  readonly groupMacs: readonly string[];
}

/** A viewer, with those who lent him rights and the roles that they lent. */
export interface Reader extends Somebody {
  readonly lenders: readonly Somebody[];
}

export async function readerOf(keys: KeyService, tenant: string, viewer: InboxViewer): Promise<Reader> {
  const { kind, lent = [] } = viewer;
  const [self, lenders] = await Promise.all([
    somebodyOf(keys, tenant, viewer),
    Promise.all(lent.map((lender) => somebodyOf(keys, tenant, lender))),
  ]);
  return kind === 'person' ? { ...self, lenders } : { ...self, roles: [], lenders: [] };
}

async function somebodyOf(
  keys: KeyService,
  tenant: string,
  { subject, roles, groups }: Pick<InboxViewer, 'subject' | 'roles' | 'groups'>,
): Promise<Somebody> {
  const [mac, ...groupMacs] = await Promise.all(
    [subject, ...groups.map(groupSubject)].map((named) => subjectMac(keys, tenant, named)),
  );
  return { roles, mac: mac ?? '', groupMacs };
}

/** What rolesAt in the domain says. */
const isAskedFor = ({ roles }: Somebody, now: string): RawBuilder<boolean> =>
  sql<boolean>`(coalesce(approvals.asked_roles && ${[...roles]}::text[], false)
    or (approvals.later_roles is not null and exists (
      select from unnest(approvals.later_roles, approvals.later_at) as later (role, since)
      where later.role = any (${[...roles]}::text[]) and later.since <= ${now}::timestamptz)))`;

/** A role of his own; or one that was lent, where no step-up is asked for and its lender could answer himself. */
export const hasRole = (reader: Reader, now: string): RawBuilder<boolean> => {
  if (reader.lenders.length === 0) return isAskedFor(reader, now);
  const lent = reader.lenders.map((lender) => sql<boolean>`(${isAskedFor(lender, now)} and not ${isOwn(lender)})`);
  return sql<boolean>`(${isAskedFor(reader, now)} or (not coalesce(approvals.asked_step_up, true) and (${sql.join(lent, sql` or `)})))`;
};

export const isOwn = ({ mac, groupMacs }: Somebody): RawBuilder<boolean> =>
  sql<boolean>`coalesce(approvals.initiator_mac = ${mac}::text or approvals.owner_mac = any (${[...groupMacs]}::text[]), false)`;

export const hasAnswered = ({ mac }: Reader): RawBuilder<boolean> =>
  sql<boolean>`exists (select from verdicts where verdicts.tenant = approvals.tenant
    and verdicts.approval_id = approvals.approval_id and verdicts.approver_mac = ${mac}::text
    and verdicts.withdrawn_at is null)`;

/** What objectionTo in the domain says, and time and his own answer; a step-up he may still make. */
export const isAskedOf = (reader: Reader, now: string): RawBuilder<boolean> =>
  sql<boolean>`(approvals.state = 'pending' and approvals.expires_at > ${now}::timestamptz
    and ${hasRole(reader, now)} and not ${isOwn(reader)} and not ${hasAnswered(reader)})`;

/** All conditions of a filter as one; with a reader, only what is asked of him. */
export function passesFilter(
  filter: Omit<InboxFilter, 'asked'>,
  reader: Reader | undefined,
  now: string | undefined,
): RawBuilder<boolean> {
  const conditions = [
    ...(filter.tool === undefined ? [] : [sql<boolean>`approvals.tool = ${filter.tool}::text`]),
    ...(filter.agent === undefined ? [] : [sql<boolean>`approvals.agent = ${filter.agent}::text`]),
    ...(filter.risk === undefined ? [] : [sql<boolean>`approvals.risk = ${filter.risk}::text`]),
    ...(filter.endsBefore === undefined
      ? []
      : [sql<boolean>`approvals.expires_at < ${filter.endsBefore}::timestamptz`]),
    ...(filter.runText === undefined
      ? []
      : [sql<boolean>`position(lower(${filter.runText}::text) in lower(approvals.run_id)) > 0`]),
    ...(reader === undefined || now === undefined ? [] : [isAskedOf(reader, now)]),
  ];
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}
