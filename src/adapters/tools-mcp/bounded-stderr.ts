import type { Stream } from 'node:stream';

const maxStderrBytes = 64 * 1024;

/** Always drains the stream, or the child would stop on a full pipe; reports only its first 64 KiB. */
export function boundedStderr(stderr: Stream | null, report: (text: string) => void): void {
  let seen = 0;
  stderr?.on('data', (chunk: Buffer) => {
    const room = maxStderrBytes - seen;
    seen += chunk.byteLength;
    if (room > 0) report(chunk.subarray(0, room).toString('utf8'));
  });
}
