import { maxBatchItems } from '../../contracts/http/batch.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalInbox, InboxEntry, InboxFilter, InboxRead } from '../../ports/approval-inbox.port.ts';
import type { ApprovalStore } from '../../ports/approval-store.port.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { AnswerObjection } from '../approvals/approval-service.ts';
import { type LentRights, viewerOf } from '../delegations/lent-rights.ts';
import type { ApiLog } from '../log.ts';
import type { Principal } from '../principal.ts';
import type { InboxItem, InboxQuery, InboxService } from '../services.ts';
import { createAppendWatch } from './append-watch.ts';
import { readSummary } from './complete-summaries.ts';
import { followAction, followNews } from './inbox-feed.ts';

export interface InboxServiceDependencies {
  readonly inbox: ApprovalInbox;
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly outbox: AuditOutbox;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Gives a tenant's older approvals their summaries. */
  readonly complete: (tenant: string) => Promise<void>;
  readonly lentRights: LentRights;
}

export const inboxPageSize = 50;
const soonMs = 3_600_000;
/** Of the entries without a readable summary, so many are looked at again for one list: what was restored comes back. */
const triedAgain = 8;

/** Pending approvals for people: one page of rows, counts by kind, and what happens to them. */
export function createInboxService(dependencies: InboxServiceDependencies): InboxService {
  const { inbox, approvals, outbox, blobs, clock, log, complete, lentRights } = dependencies;
  const feed = { inbox, outbox, watch: createAppendWatch(outbox, inbox) };

  async function readOf({ identity }: Principal, query: InboxQuery): Promise<InboxRead> {
    const { endsSoon, ...filter } = query;
    const now = isoTime(clock);
    const endsBefore = endsSoon === true ? { endsBefore: soonFrom(now) } : {};
    const viewer = await viewerOf(identity, lentRights);
    return { tenant: identity.tenant, viewer, filter: { ...filter, ...endsBefore }, now };
  }

  const countsOf = (read: InboxRead, filter: InboxFilter) => inbox.count({ ...read, filter }, soonFrom(read.now));

  async function readAgain(tenant: string, entry: InboxEntry): Promise<InboxEntry> {
    try {
      const row = await approvals.find(tenant, entry.approvalId);
      const summary = row && (await readSummary(blobs, row, log));
      if (summary === undefined) return entry;
      await inbox.summarise(tenant, entry.approvalId, summary);
      return { ...entry, summary };
    } catch (error) {
      if (error instanceof CountersignError) return entry;
      throw error;
    }
  }

  async function itemsOf(
    { tenant, now }: InboxRead,
    identity: Identity,
    entries: readonly InboxEntry[],
  ): Promise<readonly InboxItem[]> {
    const unreadable = entries.filter(({ summary }) => summary === undefined).slice(0, triedAgain);
    return Promise.all(
      entries.map(async (entry) => {
        const shown = unreadable.includes(entry) ? await readAgain(tenant, entry) : entry;
        return { ...shown, answerable: answerableBy(identity, shown, now) };
      }),
    );
  }

  return {
    async inbox(principal, query, place) {
      const read = await readOf(principal, query);
      await complete(read.tenant);
      // Before the rows are read: what is written meanwhile is told again, and never missed.
      const position = await inbox.position();
      const [slice, counts, all] = await Promise.all([
        inbox.read(read, { limit: inboxPageSize, ...place }),
        countsOf(read, read.filter),
        read.filter.runText === undefined ? undefined : countsOf(read, {}),
      ]);
      const { entries, ...rest } = slice;
      const items = await itemsOf(read, principal.identity, entries);
      return { ...rest, items, counts, waiting: sumOf(all ?? counts), position };
    },

    async pick(principal, query, approvalIds) {
      const read = await readOf(principal, query);
      const [entries, counts, all] = await Promise.all([
        inbox.pick(read, approvalIds),
        countsOf(read, read.filter),
        read.filter.runText === undefined ? undefined : countsOf(read, {}),
      ]);
      const items = await itemsOf(read, principal.identity, entries);
      return { items, counts, waiting: sumOf(all ?? counts) };
    },

    async find(principal, approvalId) {
      const read = await readOf(principal, {});
      const [entry] = await inbox.pick(read, [approvalId]);
      return entry && { ...entry, answerable: answerableBy(principal.identity, entry, read.now) };
    },

    async alike({ identity }, approvalId) {
      const viewer = await viewerOf(identity, lentRights);
      return inbox.alike({ tenant: identity.tenant, viewer, now: isoTime(clock) }, approvalId, maxBatchItems);
    },

    position: () => inbox.position(),
    follow: ({ identity }, after, signal) => followNews(feed, identity.tenant, after, signal),
    async *followApproval({ identity }, approvalId, after, signal) {
      const row = await approvals.find(identity.tenant, approvalId);
      if (row === undefined) throw new CountersignError('approval-not-found');
      yield* followAction(feed, row, after, signal);
    },
  };
}

const soonFrom = (now: string): string => new Date(Date.parse(now) + soonMs).toISOString();

const sumOf = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((sum, { count }) => sum + count, 0);

/** What `objectionToPerson` and `isOpen` say, from the row of the list. */
function answerableBy(identity: Identity, entry: InboxEntry, now: string): AnswerObjection | 'yes' {
  const { hasRole, isOwn, hasAnswered } = entry.viewer;
  if (identity.kind !== 'person' || !hasRole) return 'not-an-approver';
  if (isOwn) return 'self-approval';
  if (entry.expiresAt <= now) return 'approval-closed';
  if (hasAnswered) return 'already-decided';
  return entry.needsStepUp ? 'step-up-required' : 'yes';
}
