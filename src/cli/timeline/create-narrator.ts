import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { type TimelineText, tell } from './timeline-text.ts';
import type { Wording } from './wording.ts';

/** Writes a run as it happens: one line an effect, a refusal or a question; what is alike is counted. */
export interface Narrator {
  tell(item: TimelineItem): void;
}

export interface NarratorOptions {
  readonly terminal: Terminal;
  readonly pages: string;
  readonly wording?: Wording;
}

const timeColumns = 8;
const indent = ' '.repeat(timeColumns + 4);

export function createNarrator({ terminal, pages, wording = () => undefined }: NarratorOptions): Narrator {
  const { paint } = terminal;
  const alike = new Map<string, { count: number; readonly one: string; readonly many: string }>();

  const write = (at: string, { mark, text, below }: TimelineText): void => {
    const columns = terminal.columns - indent.length;
    const [first = '', ...more] = wrapped(text, columns);
    terminal.line(`${paint.faint(clock(at))}  ${mark} ${first}`);
    for (const rest of [...more, ...below.flatMap((part) => wrapped(part, columns))]) terminal.line(`${indent}${rest}`);
  };

  const writeAlike = (at: string): void => {
    if (alike.size === 0) return;
    const said = Array.from(alike.values(), ({ count, one, many }) =>
      (count === 1 ? one : many).replace('{n}', String(count)),
    );
    alike.clear();
    write(at, { mark: paint.faint('·'), text: paint.faint(said.join(', ')), below: [] });
  };

  return {
    tell(item) {
      if (terminal.json) return terminal.emit(item);
      // a turn's many small deeds are complete when the model is asked again
      if (item.event === 'model-called' || item.event === 'run-closed') writeAlike(item.at);
      const told = tell(item, { paint, pages, wording });
      if (told === undefined) return;
      if (told.kind === 'line') return write(item.at, told.line);
      const { one, many } = told.deed;
      alike.set(many, { count: (alike.get(many)?.count ?? 0) + 1, one, many });
    },
  };
}

/** The reader's own time: the terminal is on a desk, and the desk is somewhere. */
function clock(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? ' '.repeat(timeColumns) : time.toTimeString().slice(0, timeColumns);
}
