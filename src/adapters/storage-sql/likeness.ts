import { type RawBuilder, sql } from 'kysely';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { isAskedOf, type Reader } from './approval-conditions.ts';

type Likened = Pick<ApprovalRow, 'tenant' | 'agent' | 'tool' | 'kind' | 'risk' | 'reasons' | 'requirement'>;

/**
 * A commitment to what makes two questions alike: agent, tool, kind, risk, the rules that asked, and whom they ask for.
 * Whatever else differs is what a person has to look at.
 */
export function likenessOf(
  keys: KeyService,
  { tenant, agent, tool, kind, risk, reasons, requirement }: Likened,
): Promise<string> {
  const { quorum, roles, stepUp, widen = [] } = requirement;
  const later = widen.flatMap((rung) => rung.roles);
  const rules = [...new Set(reasons.map(({ rule }) => rule))].toSorted();
  const text = JSON.stringify([
    agent,
    tool,
    kind,
    risk,
    rules,
    quorum,
    [...roles].toSorted(),
    later.toSorted(),
    stepUp,
  ]);
  return keys.mac(tenant, 'content', Buffer.from(`likeness\0${text}`, 'utf8'));
}

/** What several can be answered together by: a step-up proves one answer to one action. */
export const sharedLikeness: RawBuilder<string | null> = sql<
  string | null
>`case when approvals.asked_step_up then null else approvals.likeness end`;

export interface AlikeColumns {
  readonly approval_id: string;
  readonly total: number | string | bigint;
}

/** Pending, asked of the reader, and like the named one, which need not be open any more; by what ends first. */
export function alikeStatement(
  tenant: string,
  approvalId: string,
  reader: Reader,
  now: string,
  limit: number,
): RawBuilder<AlikeColumns> {
  return sql<AlikeColumns>`
    select approval_id, count(*) over () as total from approvals
    where tenant = ${tenant}::text and state = 'pending' and ${isAskedOf(reader, now)}
      and not coalesce(approvals.asked_step_up, true)
      and likeness = (select named.likeness from approvals as named
        where named.tenant = ${tenant}::text and named.approval_id = ${approvalId}::text)
    order by expires_at, approval_id limit ${limit}::integer`;
}
