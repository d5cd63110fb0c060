import { setTimeout as delay } from 'node:timers/promises';
import type { ApprovalInbox, InboxNews } from '../../ports/approval-inbox.port.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { AppendWatch } from './append-watch.ts';

/** What a list of pending approvals learns. `position` is where a reader that lost its connection goes on. */
export type InboxChange =
  | { readonly kind: 'news'; readonly position: number; readonly news: readonly InboxNews[] }
  /** Too much happened to tell one by one: read the list again. */
  | { readonly kind: 'reload'; readonly position: number }
  | { readonly kind: 'idle' };

export interface InboxFeedDependencies {
  readonly inbox: Pick<ApprovalInbox, 'news' | 'position'>;
  readonly outbox: Pick<AuditOutbox, 'ofRun'>;
  readonly watch: AppendWatch;
}

const mostNews = 100;
/** Positions are given before the commit: where nothing is told, a reader stays this far behind the newest one. */
const slack = 200;
/** What happens within this time is told together. */
const gatherMs = 100;
const idleMs = 15_000;

/** What happened to any approval of the tenant, from a position on, until the signal. */
export async function* followNews(
  { inbox, watch }: InboxFeedDependencies,
  tenant: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<InboxChange> {
  const wakeUp = watch.open((changed) => changed === tenant, signal);
  try {
    let position = after;
    while (!signal.aborted) {
      const newest = await inbox.position();
      const news = await inbox.news(tenant, position, mostNews + 1);
      const last = news.at(-1);
      if (news.length > mostNews) yield { kind: 'reload', position: newest };
      else if (last !== undefined) yield { kind: 'news', position: last.position, news };
      position = Math.max(position, news.length > mostNews ? newest : (last?.position ?? 0), newest - slack);
      if (news.length > mostNews) continue;
      if (await wakeUp.next(idleMs)) await delay(gatherMs, undefined, { signal }).catch(() => undefined);
      else if (!signal.aborted) yield { kind: 'idle' };
    }
  } finally {
    wakeUp.close();
  }
}

const changing: ReadonlySet<string> = new Set([
  'approval-opened',
  'approval-widened',
  'verdict-given',
  'verdict-withdrawn',
  'approval-noted',
  'approval-closed',
  'effect-reserved',
  'effect-landed',
  'effect-did-not-happen',
  'effect-in-doubt',
  'run-closed',
]);
const pageSize = 200;

/** The positions at which one action of a run may have come to stand differently; undefined where nothing happens. */
export async function* followAction(
  { outbox, watch }: InboxFeedDependencies,
  action: { readonly tenant: string; readonly runId: string; readonly callId: string },
  after: number,
  signal: AbortSignal,
): AsyncGenerator<number | undefined> {
  const { tenant, runId, callId } = action;
  const wakeUp = watch.open((ofTenant, ofRun) => ofTenant === tenant && ofRun === runId, signal);
  try {
    let position = after;
    while (!signal.aborted) {
      const records = await outbox.ofRun(tenant, runId, position, pageSize);
      position = records.at(-1)?.position ?? position;
      const told = records.some(
        ({ kind, body }) => changing.has(kind) && (kind === 'run-closed' || body['callId'] === callId),
      );
      if (told) yield position;
      if (records.length === pageSize) continue;
      if (!(await wakeUp.next(idleMs)) && !signal.aborted) yield undefined;
    }
  } finally {
    wakeUp.close();
  }
}
