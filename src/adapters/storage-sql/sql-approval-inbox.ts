import { type RawBuilder, sql } from 'kysely';
import type { RiskTier } from '../../domain/action.ts';
import type { RecordBodies } from '../../domain/record-bodies.ts';
import {
  type ApprovalInbox,
  type InboxNewsKind,
  type InboxPlace,
  type InboxRead,
  type InboxSlice,
  inboxNewsKinds,
} from '../../ports/approval-inbox.port.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import { isAskedOf, passesFilter, type Reader, readerOf } from './approval-conditions.ts';
import { approvalRowOf } from './approval-rows.ts';
import { askedColumns } from './asked-columns.ts';
import { type EntryColumns, entryColumns, inboxEntryOf, sealSummary } from './inbox-entries.ts';
import { alikeStatement, sharedLikeness } from './likeness.ts';
import { recordContext } from './outbox-rows.ts';
import { cursorOf, parseCursor } from './page-cursor.ts';
import { query } from './run-statement.ts';
import { openJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

interface CountColumns {
  readonly tool: string;
  readonly agent: string;
  readonly risk: string;
  readonly asked: boolean;
  readonly soon: boolean;
  readonly likeness: string | null;
  readonly sample: string;
  readonly count: number | string | bigint;
}

/** Nobody and nothing: whose approval row cannot be opened is asked of nobody. */
const askedOfNobody = {
  asked_roles: [],
  asked_step_up: false,
  initiator_mac: '',
  owner_mac: '',
  later_roles: null,
  later_at: null,
  likeness: null,
};

/** Pending approvals over the index by expiry; summaries sealed in the rows. */
export function createSqlApprovalInbox({ db, keys }: StorageContext): ApprovalInbox {
  const rowsOf = async <Row>(statement: RawBuilder<Row>): Promise<readonly Row[]> =>
    (await query(() => statement.execute(db))).rows;

  const listed = ({ tenant, filter, now }: InboxRead, reader: Reader): RawBuilder<boolean> =>
    sql<boolean>`tenant = ${tenant}::text and state = 'pending'
      and ${passesFilter(filter, filter.asked === 'me' ? reader : undefined, now)}`;

  async function slice(read: InboxRead, place: InboxPlace, reader: Reader): Promise<InboxSlice> {
    const { limit, after, before } = place;
    const backwards = after === undefined && before !== undefined;
    const from = after ?? before;
    const end = from === undefined ? undefined : parseCursor(from);
    const beyond =
      end &&
      sql`and (expires_at, approval_id) ${backwards ? sql`<` : sql`>`} (${end.at}::timestamptz, ${end.id}::text)`;
    const direction = backwards ? sql`desc` : sql`asc`;
    const found = await rowsOf(sql<EntryColumns>`
      select ${entryColumns(reader, read.now)} from approvals where ${listed(read, reader)} ${beyond ?? sql``}
      order by expires_at ${direction}, approval_id ${direction} limit ${limit + 1}::integer`);
    const isMore = found.length > limit;
    const rows = backwards ? found.slice(0, limit).toReversed() : found.slice(0, limit);
    const [first, last] = [rows.at(0), rows.at(-1)];
    const preceding = first === undefined || from === undefined ? 0 : await countBefore(read, reader, first);
    const hasNext = backwards ? true : isMore;
    return {
      entries: await Promise.all(rows.map((row) => inboxEntryOf(keys, read.tenant, row))),
      preceding,
      ...(first !== undefined && preceding > 0 && { previous: cursorOf(endOf(first)) }),
      ...(last !== undefined && hasNext && { next: cursorOf(endOf(last)) }),
    };
  }

  async function countBefore(read: InboxRead, reader: Reader, first: EntryColumns): Promise<number> {
    const { at, id } = endOf(first);
    const [row] = await rowsOf(sql<{ count: number | string }>`
      select count(*) as count from approvals where ${listed(read, reader)}
        and (expires_at, approval_id) < (${at}::timestamptz, ${id}::text)`);
    return Number(row?.count ?? 0);
  }

  return {
    async read(read, place) {
      return slice(read, place, await readerOf(keys, read.tenant, read.viewer));
    },

    async pick(read, approvalIds) {
      const reader = await readerOf(keys, read.tenant, read.viewer);
      const rows = await rowsOf(sql<EntryColumns>`
        select ${entryColumns(reader, read.now)} from approvals
        where ${listed(read, reader)} and approval_id = any (${[...approvalIds]}::text[])
        order by expires_at, approval_id`);
      return Promise.all(rows.map((row) => inboxEntryOf(keys, read.tenant, row)));
    },

    async count({ tenant, viewer, filter, now }, soon) {
      const reader = await readerOf(keys, tenant, viewer);
      const runText = filter.runText === undefined ? {} : { runText: filter.runText };
      const rows = await rowsOf(sql<CountColumns>`
        select tool, agent, risk, ${isAskedOf(reader, now)} as asked, expires_at < ${soon}::timestamptz as soon,
          ${sharedLikeness} as likeness, min(approval_id) as sample, count(*) as count
        from approvals where tenant = ${tenant}::text and state = 'pending' and ${passesFilter(runText, undefined, undefined)}
        group by 1, 2, 3, 4, 5, 6`);
      return rows.map((row) => ({
        tool: row.tool,
        agent: row.agent,
        risk: row.risk as RiskTier,
        askedOfViewer: row.asked,
        endsSoon: row.soon,
        count: Number(row.count),
        ...(row.likeness !== null && { alike: { likeness: row.likeness, sample: row.sample } }),
      }));
    },

    async alike({ tenant, viewer, now }, approvalId, limit) {
      const reader = await readerOf(keys, tenant, viewer);
      const rows = await rowsOf(alikeStatement(tenant, approvalId, reader, now, limit));
      return { approvalIds: rows.map((row) => row.approval_id), total: Number(rows[0]?.total ?? 0) };
    },

    async unsummarised(tenant, limit) {
      const rows = await rowsOf(sql<{ approval_id: string; render_hash: string; sheet_ref: string }>`
        select approval_id, render_hash, sheet_ref from approvals
        where tenant = ${tenant}::text and state = 'pending' and summary is null limit ${limit}::integer`);
      return rows.map((row) => ({
        tenant,
        approvalId: row.approval_id,
        renderHash: row.render_hash,
        sheetRef: parseBlobRef(row.sheet_ref),
      }));
    },

    async summarise(tenant, approvalId, summary) {
      const row = await query(() =>
        db
          .selectFrom('approvals')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('approval_id', '=', approvalId)
          .executeTakeFirst(),
      );
      if (row === undefined) return;
      const opened = await approvalRowOf(keys, row).catch(() => undefined);
      const asked = opened === undefined ? askedOfNobody : await askedColumns(keys, opened);
      const { keyId, bytes } = await sealSummary(keys, { tenant, approvalId }, summary);
      await query(() =>
        sql`update approvals set asked_roles = ${[...asked.asked_roles]}::text[], asked_step_up = ${asked.asked_step_up}::boolean,
            initiator_mac = ${asked.initiator_mac}::text, owner_mac = ${asked.owner_mac}::text, likeness = ${asked.likeness}::text,
            later_roles = ${asked.later_roles && [...asked.later_roles]}::text[],
            later_at = ${asked.later_at && [...asked.later_at]}::text[]::timestamptz[],
            summary_key_id = ${keyId}::text, summary = ${bytes}::bytea
          where tenant = ${tenant}::text and approval_id = ${approvalId}::text`.execute(db),
      );
    },

    async position() {
      const [row] = await rowsOf(sql<{ position: number | string }>`
        select coalesce(max(position), 0) as position from audit_outbox`);
      return Number(row?.position ?? 0);
    },

    async news(tenant, after, limit) {
      const rows = await rowsOf(sql<{
        position: number | string;
        record_key: string;
        kind: string;
        key_id: string;
        body: Uint8Array;
      }>`
        select position, record_key, kind, key_id, body from audit_outbox
        where position > ${after}::bigint and tenant = ${tenant}::text and kind = any (${[...inboxNewsKinds]}::text[])
        order by position limit ${limit}::integer`);
      return Promise.all(
        rows.map(async ({ position, record_key, kind, key_id, body }) => {
          const sealed = { keyId: key_id, bytes: body };
          const opened = await openJson<RecordBodies[InboxNewsKind]>(keys, tenant, recordContext(record_key), sealed);
          // Written from the same union.
          return { position: Number(position), approvalId: opened.approvalId, kind: kind as InboxNewsKind };
        }),
      );
    },
  };
}

const endOf = (row: EntryColumns) => ({ at: row.expires_at.toISOString(), id: row.approval_id });
