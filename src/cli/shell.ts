import type { Configuration } from '../config/configuration.ts';
import type { ExitCode } from './exit-code.ts';
import { createTerminal, type Streams, type Terminal } from './terminal/terminal.ts';

/** What every command works with. */
export interface Shell {
  readonly configuration: Configuration;
  readonly streams: Streams;
  /** Aborts at the first Ctrl-C or SIGTERM. A second one ends the process at once. */
  readonly interrupted: AbortSignal;
  /** Registers what a command does; its exit code becomes the program's. */
  action<Args extends readonly unknown[]>(run: (...args: Args) => Promise<ExitCode>): (...args: Args) => Promise<void>;
  terminal(options: { readonly json?: boolean | undefined }): Terminal;
}

export interface ShellParts {
  readonly configuration: Configuration;
  readonly streams: Streams;
  readonly interrupted: AbortSignal;
  readonly finish: (code: ExitCode) => void;
}

export function createShell({ configuration, streams, interrupted, finish }: ShellParts): Shell {
  return {
    configuration,
    streams,
    interrupted,
    action:
      (run) =>
      async (...args) =>
        finish(await run(...args)),
    terminal: ({ json = false }) => createTerminal(streams, { json, colour: configuration.colour }),
  };
}
