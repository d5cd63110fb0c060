import { type RawBuilder, sql } from 'kysely';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

/** How long after its end a question is still worth a word to the agent's owner. */
const expiredWithin = sql`interval '24 hours'`;

export interface UnplannedRow {
  readonly tenant: string;
  readonly approval_id: string;
  readonly occasion: string;
  readonly rung: number;
}

export interface ClaimedRow {
  readonly tenant: string;
  readonly approval_id: string;
  readonly occasion: string;
  readonly rung: number;
  readonly channel: string;
  readonly nudge_id: string;
  readonly attempts: number;
  readonly run_id: string;
  readonly agent: string;
  readonly tool: string;
  readonly risk: string;
  readonly expires_at: Date;
}

/** Whether a nudge `n` still says what is so of its approval `a`. */
const stillTrue = (at: string) => sql`(case when n.occasion = 'expired' then a.state = 'expired'
  else a.state = 'pending' and a.expires_at > ${at}::timestamptz end)`;

/** Occasions in the order in which they are planned: what comes later may make the one before needless. */
export function unplannedStatement(at: string, remindWhenLeft: number, limit: number): RawBuilder<UnplannedRow> {
  return sql<UnplannedRow>`
    with open as (
      select tenant, approval_id, created_at, later_at,
        ${at}::timestamptz >= coalesce(remind_at,
          expires_at - (expires_at - created_at) * ${remindWhenLeft}::float8) as ends_soon
      from approvals where state = 'pending' and expires_at > ${at}::timestamptz
    )
    select tenant, approval_id, occasion, rung from (
      select tenant, approval_id, created_at, 'opened' as occasion, 0 as rung, 1 as turn from open where not ends_soon
      union all
      select distinct tenant, approval_id, created_at, 'widened',
        extract(epoch from later.since - created_at)::integer, 2
      from open, unnest(later_at) as later (since) where later.since <= ${at}::timestamptz
      union all
      select tenant, approval_id, created_at, due.occasion, 0, due.turn
      from open, (values ('reminder', 3), ('alarm', 4)) as due (occasion, turn) where ends_soon
      union all
      select tenant, approval_id, created_at, 'expired', 0, 5
      from approvals where state = 'expired' and closed_at > ${at}::timestamptz - ${expiredWithin}
    ) as told
    where not exists (
      select from nudges n where n.tenant = told.tenant and n.approval_id = told.approval_id
        and n.occasion = told.occasion and n.rung = told.rung)
    order by created_at, approval_id, turn, rung limit ${limit}::integer`;
}

export function dropStatement(at: string, channels: readonly string[]): RawBuilder<{ readonly dropped: number }> {
  return sql<{ readonly dropped: number }>`
    with changed as (
      update nudges as n set state = 'dropped', settled_at = ${at}::timestamptz
      from approvals as a
      where n.state = 'due' and a.tenant = n.tenant and a.approval_id = n.approval_id and (
        not ${stillTrue(at)}
        or n.channel <> all (${[...channels]}::text[])
        or (n.occasion in ('opened', 'widened') and exists (
          select from nudges r where r.tenant = n.tenant and r.approval_id = n.approval_id
            and r.channel = n.channel and r.occasion = 'reminder' and r.planned_at >= n.planned_at)))
      returning 1
    )
    select count(*)::integer as dropped from changed`;
}

export function claimStatement(channel: string, at: string, until: string): RawBuilder<ClaimedRow> {
  return sql<ClaimedRow>`
    with chosen as (
      select n.nudge_id from nudges as n
      join approvals as a on a.tenant = n.tenant and a.approval_id = n.approval_id
      where n.channel = ${channel}::text and n.state = 'due' and n.next_at <= ${at}::timestamptz and ${stillTrue(at)}
      order by n.next_at, n.nudge_id limit 1
      for update of n skip locked
    )
    update nudges as n set attempts = n.attempts + 1, next_at = ${until}::timestamptz
    from chosen, approvals as a
    where n.nudge_id = chosen.nudge_id and a.tenant = n.tenant and a.approval_id = n.approval_id
    returning n.tenant, n.approval_id, n.occasion, n.rung, n.channel, n.nudge_id, n.attempts,
      a.run_id, a.agent, a.tool, a.risk, a.expires_at`;
}

/** What was being sent while its question was closed is settled as well: it has been sent. */
export function settleStatement(
  nudgeId: string,
  state: 'sent' | 'failed',
  at: string,
  code: string | undefined,
  rows: OutboxRows,
): RawBuilder<{ readonly settled: boolean }> {
  return sql<{ readonly settled: boolean }>`
    with changed as (
      update nudges set state = ${state}::text, settled_at = ${at}::timestamptz, code = ${code ?? null}::text
      where nudge_id = ${nudgeId}::text and state in ('due', 'dropped')
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as settled`;
}

export interface StandingRow {
  readonly due: number;
  readonly retrying: number;
  readonly sent: number;
  readonly failed: number;
  readonly unaddressed: number;
}

export function standingStatement(tenant: string): RawBuilder<StandingRow> {
  return sql<StandingRow>`
  select
    (count(*) filter (where state = 'due'))::integer as due,
    (count(*) filter (where state = 'due' and code is not null))::integer as retrying,
    (count(*) filter (where state = 'sent'))::integer as sent,
    (count(*) filter (where state = 'failed'))::integer as failed,
    (count(*) filter (where state = 'unaddressed'))::integer as unaddressed
  from nudges where tenant = ${tenant}::text`;
}
