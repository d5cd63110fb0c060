import { createPaint, type Paint } from './paint.ts';

/** A stream that may be a terminal. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: OutputStream;
  readonly errors: OutputStream;
}

export interface Terminal {
  /** `--json`: standard output carries documents or events, one a line, and nothing else. */
  readonly json: boolean;
  /** Somebody sits there who can answer. */
  readonly interactive: boolean;
  /** At most 100. */
  readonly columns: number;
  readonly paint: Paint;
  /** A line for the reader; nothing in JSON mode. */
  line(text?: string): void;
  /** A JSON document or event; nothing otherwise. */
  emit(value: object): void;
  /** What happens meanwhile, on standard error. */
  note(text: string): void;
}

const widest = 100;
const narrowest = 40;

export function createTerminal(
  streams: Streams,
  options: { readonly json: boolean; readonly colour: boolean },
): Terminal {
  const { input, output, errors } = streams;
  const hasScreen = output.isTTY === true;
  const paint = createPaint(options.colour && hasScreen && !options.json ? 'colour' : 'plain');
  const notePaint = createPaint(options.colour && errors.isTTY === true ? 'colour' : 'plain');
  return {
    json: options.json,
    interactive: hasScreen && input.isTTY === true && !options.json,
    columns: Math.max(narrowest, Math.min(widest, hasScreen ? (output.columns ?? widest) : widest)),
    paint,
    line: (text = '') => void (options.json || output.write(`${text}\n`)),
    emit: (value) => void (options.json && output.write(`${JSON.stringify(value)}\n`)),
    note: (text) => void errors.write(`${notePaint.faint(text)}\n`),
  };
}
