import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processTree, type RunningProcess } from './process-memory.ts';

export interface DemoMeasurement {
  /** From the command to its links, in seconds. */
  readonly readySeconds: number;
  /** From the command to the first effect in the ledger. */
  readonly firstActionSeconds: number;
  /** From the command to its end. */
  readonly wholeSeconds: number;
  /** Resident bytes of embedded mode and its Temporal server, the highest that was seen; null without /proc. */
  readonly peakResidentBytes: number | null;
  /** When the run was over. */
  readonly endResidentBytes: number | null;
}

const sampleEveryMs = 250;
const npmRunDemo = ['run', '--silent', 'demo', '--', '--yes', '--json', '--port', '0', '--desk-port', '0', '--data'];

/** `npm run demo -- --yes` on a new data folder, as a user types it. Fails where the demo does. */
export async function measureDemo(): Promise<DemoMeasurement> {
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-bench-demo-'));
  try {
    return await runDemo(join(scratch, 'data'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runDemo(dataFolder: string): Promise<DemoMeasurement> {
  const begun = performance.now();
  const secondsUntilNow = (): number => (performance.now() - begun) / 1_000;
  const child = spawn('npm', [...npmRunDemo, dataFolder], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const memory = watchMemory(child.pid ?? 0);
  const seen = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    const event = eventIn(line);
    if (event === undefined || seen.has(event)) continue;
    seen.set(event, secondsUntilNow());
    if (event === 'run-closed') await memory.sample();
  }
  const exitCode = await ended;
  memory.stop();
  const [readySeconds, firstActionSeconds] = [seen.get('ready'), seen.get('effect-landed')];
  if (exitCode !== 0 || readySeconds === undefined || firstActionSeconds === undefined)
    throw new Error(`the demo ended with exit code ${exitCode}`);
  return { readySeconds, firstActionSeconds, wholeSeconds: secondsUntilNow(), ...memory.seen() };
}

function watchMemory(root: number) {
  const samples: number[] = [];
  const sample = async (): Promise<void> => {
    const bytes = (await processTree(root))
      .filter(isEmbedded)
      .reduce((sum, { residentBytes }) => sum + residentBytes, 0);
    if (bytes > 0) samples.push(bytes);
  };
  const timer = setInterval(() => void sample(), sampleEveryMs);
  let endResidentBytes: number | null = null;
  return {
    async sample() {
      await sample();
      endResidentBytes = samples.at(-1) ?? null;
    },
    stop: () => clearInterval(timer),
    seen: () => ({ peakResidentBytes: samples.length === 0 ? null : Math.max(...samples), endResidentBytes }),
  };
}

/** The server and its Temporal server; not npm and set-up before it, and not the desk, which is somebody else's program. */
function isEmbedded({ commandLine }: RunningProcess): boolean {
  if (commandLine.includes('start-dev')) return true;
  return commandLine.includes('src/cli/main.ts') && !/bootstrap\.mjs|npm/.test(commandLine);
}

function eventIn(line: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && 'event' in parsed ? String(parsed.event) : undefined;
  } catch {
    return undefined;
  }
}
