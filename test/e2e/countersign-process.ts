import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface JsonEvent {
  readonly event: string;
  readonly [name: string]: unknown;
}

export interface StartedCommand {
  readonly child: ChildProcess;
  /** Every JSON line so far. */
  readonly events: readonly JsonEvent[];
  /** The first event of that name, which may have been seen already. Rejects when the command ends without it. */
  event(name: string): Promise<JsonEvent>;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
}

/** Starts the command line as a process of its own, as a user would; `COUNTERSIGN_*` comes from `env` alone. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): StartedCommand {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('COUNTERSIGN_') && name !== 'TEMPORAL_ADDRESS',
  );
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: JsonEvent[] = [];
  let output = '';
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    if (!line.startsWith('{')) return;
    const event: JsonEvent = JSON.parse(line);
    events.push(event);
    child.emit('json-event', event);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : null,
    output,
    errors,
  }));
  return { child, events, ended, event: (name) => seen(child, events, name, ended) };
}

async function seen(
  child: ChildProcess,
  events: readonly JsonEvent[],
  name: string,
  ended: StartedCommand['ended'],
): Promise<JsonEvent> {
  const known = events.find(({ event }) => event === name);
  if (known !== undefined) return known;
  return new Promise((resolve, reject) => {
    child.on('json-event', (event: JsonEvent) => {
      if (event.event === name) resolve(event);
    });
    void ended.then(({ code, errors }) => reject(new Error(`ended with ${code} before ${name}: ${errors}`)));
  });
}

/** Runs a command to its end. */
export async function runCommand(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  return startCommand(args).ended;
}
