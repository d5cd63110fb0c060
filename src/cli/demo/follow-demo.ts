import type { CountersignClient } from '../../client/create-client.ts';
import type { RunView } from '../../contracts/http/run.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createNarrator } from '../timeline/create-narrator.ts';
import type { Wording } from '../timeline/wording.ts';

export interface FollowingDemo {
  readonly terminal: Terminal;
  readonly wording: Wording;
  readonly pages: string;
  /** Answers an approval; undefined where a person does. */
  readonly approve: ((approvalId: string, until: AbortSignal) => Promise<void>) | undefined;
}

/** Nothing more happens by itself once it has been quiet for so long. */
const quietMs = 2_500;

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
  const reminder = approve === undefined ? createReminder(telling) : undefined;
  try {
    for await (const item of client.runs.events(run.runId, { signal })) {
      items.push(item);
      if (run.closedAt !== undefined) continue;
      narrator.tell(item);
      reminder?.see(item);
      if (item.event === 'approval-opened') {
        approve?.(item.approvalId, signal).catch((reason: unknown) => failed.abort(reason));
      }
    }
  } finally {
    reminder?.end();
  }
  return items;
}

/** Says that it is the reader’s turn, once everything else is done: the questions themselves may have scrolled away. */
function createReminder({ terminal, pages }: Pick<FollowingDemo, 'terminal' | 'pages'>) {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const remind = () => {
    if (pending.size === 0) return;
    const { paint } = terminal;
    const what = pending.size === 1 ? 'One action waits' : `${pending.size} actions wait`;
    terminal.line(`\n  ${paint.wait(`${what} for you:`)} ${paint.accent(`${pages}/approvals`)}`);
    terminal.line(
      `  ${paint.faint('Sign in as Ada Approver. Ctrl-C stops; the run then waits until you start the demo again.')}\n`,
    );
  };
  return {
    see(item: TimelineItem): void {
      if (item.event === 'approval-opened') pending.add(item.approvalId);
      if (item.event === 'approval-closed') pending.delete(item.approvalId);
      clearTimeout(timer);
      timer = setTimeout(remind, quietMs);
    },
    end: () => clearTimeout(timer),
  };
}
