import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { PublicEvent } from '../../domain/audit-record.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { RunStore } from '../../ports/run-store.port.ts';
import { type TimelineSources, timelineItem } from './timeline-item.ts';
import { createWakeUp } from './wake-up.ts';

/** Records that one look fetches. */
const pageSize = 200;
/** Another process may have written: look again after this long even if nobody woke us. */
const slowPollMs = 5_000;

export interface TimelineDependencies extends TimelineSources {
  readonly runs: RunStore;
  readonly outbox: AuditOutbox;
}

interface Page {
  readonly items: readonly TimelineItem[];
  /** Of the last record read, public or not. */
  readonly position: number;
  readonly isFull: boolean;
}

export function createTimeline(dependencies: TimelineDependencies) {
  const { runs, outbox } = dependencies;

  async function pageAfter(
    tenant: string,
    runId: string,
    after: number,
    kinds?: readonly PublicEvent[],
  ): Promise<Page> {
    const records = await outbox.ofRun(tenant, runId, after, pageSize, kinds);
    const items: TimelineItem[] = [];
    for (const record of records) {
      const item = await timelineItem(dependencies, record);
      if (item !== undefined) items.push(item);
    }
    return { items, position: records.at(-1)?.position ?? after, isFull: records.length === pageSize };
  }

  const isClosed = async (tenant: string, runId: string): Promise<boolean> =>
    (await runs.find(tenant, runId))?.closed !== undefined;

  /** From a position on as it happens; `idle` now and then, so that a reader can show that it is alive. Ends with the run. */
  async function* follow(
    tenant: string,
    runId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<TimelineItem | 'idle'> {
    const wakeUp = createWakeUp(signal);
    const unsubscribe = outbox.onAppend((tenantOfRecord, runOfRecord) => {
      if (tenantOfRecord === tenant && runOfRecord === runId) wakeUp.wake();
    });
    try {
      let position = after;
      let isOver = await isClosed(tenant, runId);
      while (!signal.aborted) {
        const page = await pageAfter(tenant, runId, position);
        for (const item of page.items) {
          yield item;
          if (item.event === 'run-closed') return;
        }
        position = page.position;
        if (page.isFull) continue;
        // Closed before we looked, and nothing more to read: the reader had seen the end already.
        if (isOver) return;
        if (await wakeUp.next(slowPollMs)) continue;
        yield 'idle';
        isOver = await isClosed(tenant, runId);
      }
    } finally {
      unsubscribe();
      wakeUp.close();
    }
  }

  /** All public events after a position, at most one page of records; skips over pages without public ones. */
  async function after(
    tenant: string,
    runId: string,
    from: number,
    kinds?: readonly PublicEvent[],
  ): Promise<readonly TimelineItem[]> {
    for (let position = from; ; ) {
      const page = await pageAfter(tenant, runId, position, kinds);
      if (page.items.length > 0 || !page.isFull) return page.items;
      position = page.position;
    }
  }

  return { after, follow };
}
