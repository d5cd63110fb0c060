import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Nothing more happens by itself once it has been quiet for so long while somebody was asked. */
const turnMs = 2_500;
/** A model takes its time, but hardly so long. */
const silenceMs = 45_000;

export interface ReminderOptions {
  readonly terminal: Terminal;
  readonly pages: string;
  /** Whether the reader is who has to answer. */
  readonly reader: 'approver' | 'onlooker';
}

/** Speaks up in silence: whose turn it is, since the questions may have scrolled away, or where to look. */
export function createReminder({ terminal, pages, reader }: ReminderOptions) {
  const { paint } = terminal;
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const tellTurn = () => {
    const what = pending.size === 1 ? 'One action waits' : `${pending.size} actions wait`;
    terminal.line(`\n  ${paint.wait(`${what} for you:`)} ${paint.accent(`${pages}/approvals`)}`);
    terminal.line(
      `  ${paint.faint('Sign in as Ada Approver. Ctrl-C stops; the run then waits until you start the demo again.')}\n`,
    );
  };
  const tellSilence = () => {
    terminal.line(
      `\n  ${paint.wait(`Nothing new for ${silenceMs / 1_000} s.`)} The Temporal UI above shows what is being tried;`,
    );
    terminal.line('  `npx countersign doctor` looks at the model’s host.\n');
  };

  return {
    see(item: TimelineItem): void {
      if (item.event === 'approval-opened') pending.add(item.approvalId);
      if (item.event === 'approval-closed') pending.delete(item.approvalId);
      clearTimeout(timer);
      const isTheirTurn = reader === 'approver' && pending.size > 0;
      timer = isTheirTurn ? setTimeout(tellTurn, turnMs) : setTimeout(tellSilence, silenceMs);
    },
    end: () => clearTimeout(timer),
  };
}
