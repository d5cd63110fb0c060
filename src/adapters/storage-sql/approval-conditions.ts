import { type RawBuilder, sql } from 'kysely';
import type { InboxFilter, InboxViewer } from '../../ports/approval-inbox.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { groupSubject, subjectMac } from './subject-mac.ts';

/** A viewer as rows name people. */
export interface Reader {
  readonly roles: readonly string[];
  readonly mac: string;
  readonly groupMacs: readonly string[];
}

export async function readerOf(keys: KeyService, tenant: string, viewer: InboxViewer): Promise<Reader> {
  const [mac, ...groupMacs] = await Promise.all(
    [viewer.subject, ...viewer.groups.map(groupSubject)].map((subject) => subjectMac(keys, tenant, subject)),
  );
  return { roles: viewer.kind === 'person' ? viewer.roles : [], mac: mac ?? '', groupMacs };
}

/** What rolesAt in the domain says. */
export const hasRole = ({ roles }: Reader, now: string): RawBuilder<boolean> =>
  sql<boolean>`(coalesce(approvals.asked_roles && ${[...roles]}::text[], false)
    or (approvals.later_roles is not null and exists (
      select from unnest(approvals.later_roles, approvals.later_at) as later (role, since)
      where later.role = any (${[...roles]}::text[]) and later.since <= ${now}::timestamptz)))`;

export const isOwn = ({ mac, groupMacs }: Reader): RawBuilder<boolean> =>
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
