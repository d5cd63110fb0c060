#!/usr/bin/env node
import process from 'node:process';
import { runCommandLine } from './run-command-line.ts';

const { stdin: input, stdout: output, stderr: errors } = process;

// Whoever reads our output may stop reading; that is no failure of ours.
for (const stream of [output, errors]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const code = await runCommandLine({
  args: process.argv.slice(2),
  streams: { input, output, errors },
  onSignal,
  exitNow: (now) => process.exit(now),
});
// A stream that is a pipe is written in the background; exiting before it is drained would cut it off.
await Promise.all([output, errors].map((stream) => new Promise((written) => stream.write('', written))));
process.exit(code);

function onSignal(handler: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handler);
}
