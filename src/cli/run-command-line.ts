import { CommanderError } from 'commander';
import { productVersion } from '../config/product-version.ts';
import { readConfiguration } from '../config/read-configuration.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { failureDocument, failureLines, failureOf } from './failure.ts';
import { createProgram } from './program.ts';
import { createShell } from './shell.ts';
import type { Streams } from './terminal/terminal.ts';

export interface CommandLine {
  readonly args: readonly string[];
  readonly streams: Streams;
  /** Calls the handler at each Ctrl-C, request to end, or loss of the reader. */
  readonly onInterruption: (handler: () => void) => void;
  readonly exitNow: (code: ExitCode) => void;
}

/** Runs one command to its exit code; whatever it throws is said to the reader. */
export async function runCommandLine({ args, streams, onInterruption, exitNow }: CommandLine): Promise<ExitCode> {
  const interruption = new AbortController();
  onInterruption(() => {
    if (interruption.signal.aborted) exitNow(exitCodes.interrupted);
    interruption.abort(new Error('interrupted'));
  });
  let code: ExitCode = exitCodes.ok;
  try {
    const shell = createShell({
      configuration: asksForHelp(args) ? readConfiguration({}) : readConfiguration(),
      streams,
      interrupted: interruption.signal,
      finish: (finished) => {
        code = finished;
      },
    });
    await createProgram(shell, productVersion()).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    const help = exitOfHelp(error);
    if (help !== undefined) return help;
    if (interruption.signal.aborted) return exitCodes.interrupted;
    report(error, args, streams);
    return failureOf(error).exit;
  }
}

function report(error: unknown, args: readonly string[], { output, errors }: Streams): void {
  const failure = failureOf(error);
  if (args.includes('--json')) {
    output.write(`${JSON.stringify(failureDocument(failure))}\n`);
    return;
  }
  const lines = failureLines(failure, Math.min(100, errors.columns ?? 100), errors.isTTY === true ? 'colour' : 'plain');
  errors.write(`${lines.join('\n')}\n`);
}

/** Help must not need a configuration that can be used. */
function asksForHelp(args: readonly string[]): boolean {
  return args.length === 0 || args.some((arg) => ['--help', '-h', '--version', '-V'].includes(arg));
}

/** Help that was asked for is a success; help in the place of a missing command is not. */
function exitOfHelp(error: unknown): ExitCode | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (['commander.helpDisplayed', 'commander.version'].includes(error.code)) return exitCodes.ok;
  return error.code === 'commander.help' ? exitCodes.usage : undefined;
}
