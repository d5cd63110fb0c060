#!/usr/bin/env node
import process from 'node:process';
import { runCommandLine } from './run-command-line.ts';

const { stdin: input, stdout: output, stderr: errors } = process;

/** Ctrl-C, a request to end, and a reader that went away all mean: stop in good order. */
function onInterruption(handler: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handler);
  for (const stream of [output, errors]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!isReaderGone) handler();
      isReaderGone = true;
    });
  }
}

let isReaderGone = false;
const code = await runCommandLine({
  args: process.argv.slice(2),
  streams: { input, output, errors },
  onInterruption,
  exitNow: (now) => process.exit(now),
});
// A stream that is a pipe is written in the background; exiting before it is drained would cut it off.
if (!isReaderGone)
  await Promise.all([output, errors].map((stream) => new Promise((written) => stream.write('', written))));
process.exit(code);
