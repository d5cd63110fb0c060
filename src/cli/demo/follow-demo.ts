import type { CountersignClient } from '../../client/create-client.ts';
import type { RunView } from '../../contracts/http/run.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createNarrator } from '../timeline/create-narrator.ts';
import type { Wording } from '../timeline/wording.ts';
import { createReminder } from './create-reminder.ts';

export interface FollowingDemo {
  readonly terminal: Terminal;
  readonly wording: Wording;
  readonly pages: string;
  /** Answers an approval; undefined where a person does. */
  readonly approve: ((approvalId: string, until: AbortSignal) => Promise<void>) | undefined;
}

/** Tells the run until it ends. A run that had ended before is not told again, only its events are read. */
export async function followDemo(
  client: CountersignClient,
  run: RunView,
  stop: AbortSignal,
  { approve, ...telling }: FollowingDemo,
): Promise<readonly TimelineItem[]> {
  const narrator = createNarrator(telling);
  const failed = new AbortController();
  const signal = AbortSignal.any([stop, failed.signal]);
  const items: TimelineItem[] = [];
  const reminder = createReminder({ ...telling, reader: approve === undefined ? 'approver' : 'onlooker' });
  try {
    for await (const item of client.runs.events(run.runId, { signal })) {
      items.push(item);
      if (run.closedAt !== undefined) continue;
      narrator.tell(item);
      reminder.see(item);
      if (item.event === 'approval-opened') {
        approve?.(item.approvalId, signal).catch((reason: unknown) => failed.abort(reason));
      }
    }
  } finally {
    reminder.end();
  }
  return items;
}
