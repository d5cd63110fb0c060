import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from '../../adapters/temporal-server/free-port.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isPortFree } from '../server/free-ports.ts';

const program = fileURLToPath(new URL('../../../examples/invoice-desk/server.ts', import.meta.url));
const readySchema = z.object({ event: z.literal('ready'), url: z.url() });
const readyWithinMs = 60_000;
const graceMs = 4_000;
const keptErrorCharacters = 2_000;

export interface DeskProcess {
  readonly url: string;
  /** Rejects when the desk ends before it was asked to. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

export interface DeskOptions {
  readonly dataFolder: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** The port where the desk is to listen: the wanted one, or another where that one is taken and nobody insists. */
export async function deskPort(wanted: number | undefined, usual: number): Promise<number> {
  if (wanted !== undefined && wanted !== 0 && !(await isPortFree(wanted))) {
    throw new CountersignError('unavailable', {
      message: `Another program listens on port ${wanted}. Choose another with --desk-port N.`,
    });
  }
  if (wanted !== undefined && wanted !== 0) return wanted;
  return wanted !== 0 && (await isPortFree(usual)) ? usual : freePort();
}

/**
 * Starts the invoice desk and waits until it listens. In a process group of its own, so that Ctrl-C ends the runs
 * first; its standard input is a pipe, so that it ends with us, however we end.
 */
export async function startDesk({ dataFolder, port, environment }: DeskOptions): Promise<DeskProcess> {
  const child = spawn(process.execPath, [program, '--http', '--port', String(port), '--data', dataFolder], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptErrorCharacters);
  });
  child.stdin.on('error', () => undefined);
  let stopping = false;
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (cause) =>
      reject(new CountersignError('unavailable', { message: 'The invoice desk does not start.', cause })),
    );
    child.once('exit', (code) => {
      if (!stopping)
        reject(
          new CountersignError('unavailable', {
            message: `The invoice desk ended (exit code ${code}). ${said.trim()}`,
          }),
        );
    });
  });
  ended.catch(() => undefined);
  const stop = async () => {
    stopping = true;
    await endDesk(child);
  };
  try {
    return { url: await Promise.race([readyAt(child), ended]), ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyAt(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new CountersignError('internal');
  const signal = AbortSignal.timeout(readyWithinMs);
  for await (const line of createInterface({ input: child.stdout, signal })) {
    const ready = readySchema.safeParse(parsed(line));
    if (ready.success) return ready.data.url;
  }
  throw new CountersignError('unavailable', {
    message: `The invoice desk was not ready within ${readyWithinMs / 1_000} s.`,
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function endDesk(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}
