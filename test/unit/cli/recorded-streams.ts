import { Readable } from 'node:stream';
import type { Streams } from '../../../src/cli/terminal/terminal.ts';

/** Streams that remember what was written to them. */
export function recordedStreams({
  isTTY = false,
  columns = 120,
}: {
  readonly isTTY?: boolean;
  readonly columns?: number;
} = {}) {
  let output = '';
  let errors = '';
  const streams: Streams = {
    input: Object.assign(Readable.from([]), { isTTY }),
    output: { isTTY, columns, write: (text) => void (output += text) },
    errors: { isTTY: false, write: (text) => void (errors += text) },
  };
  return { streams, written: () => ({ output, errors }) };
}
