import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError } from '../../domain/countersign-error.ts';
import { adoptServer } from './adopt-server.ts';
import { devServerArguments } from './dev-server-arguments.ts';
import { freePort } from './free-port.ts';
import { endProcess, identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts';
import { lastWords, openServerLog } from './server-log.ts';
import { becomesReady } from './server-readiness.ts';
import { removeServerRecord, type ServerRecord, writeServerRecord } from './server-record.ts';
import type { TemporalServer } from './temporal-server.ts';
import type { Progress } from './temporal-settings.ts';

const readyWithinMs = 60_000;
const graceMs = 10_000;
const watchMs = 1000;
const attempts = 3;

export interface StartTemporal {
  /** The Temporal CLI, as `findTemporal` found it. */
  readonly file: string;
  /** The caller holds its lock, see `openDataFolder`: two processes here at once would open one database twice. */
  readonly dataFolder: string;
  /** 0: any free port. */
  readonly ports: { readonly grpc: number; readonly ui: number };
  readonly codecEndpoint?: string;
  readonly progress: Progress;
}

/** What one start settles on, whether it ends in a new server or in an adopted one. */
export interface ServerPlan {
  readonly databaseFile: string;
  readonly recordFile: string;
  readonly logFile: string;
  readonly settingsDigest: string;
}

/**
 * A dev server on the folder's database, on loopback only. It survives a kill -9 of this process; the next start
 * adopts it, or ends exactly it. Never are there two servers on one database.
 *
 * @throws CountersignError `unavailable` if the server does not come up, with the last lines of its log
 */
export async function startTemporalServer(start: StartTemporal): Promise<TemporalServer> {
  const plan = await planServer(start);
  const adopted = await adoptServer(plan, start.ports);
  if (adopted !== undefined) {
    start.progress('The Temporal server of the last session still runs; going on with it.');
    return serverHandle(adopted, plan);
  }
  start.progress('Starting the Temporal server …');
  for (let attempt = 1; ; attempt += 1) {
    const record = await launch(start, plan);
    if (record !== undefined) return serverHandle(record, plan);
    // A free port may be taken by the time the server binds it; a port that the caller chose stays what it is.
    const mayRetry = attempt < attempts && (start.ports.grpc === 0 || start.ports.ui === 0);
    if (!mayRetry) throw new CountersignError('unavailable', { message: await whyNotReady(start, plan) });
  }
}

async function planServer(start: StartTemporal): Promise<ServerPlan> {
  const folder = join(start.dataFolder, 'temporal');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const real = await realpath(folder); // one name for one file, so that a running server is recognised by it
  const databaseFile = join(real, 'temporal.db');
  const settings = devServerArguments({ databaseFile, port: 0, uiPort: 0, codecEndpoint: start.codecEndpoint });
  return {
    databaseFile,
    recordFile: join(real, 'server.json'),
    logFile: join(real, 'server.log'),
    settingsDigest: createHash('sha256').update(JSON.stringify(settings)).digest('hex'),
  };
}

/** @returns undefined if the server did not come up; then it is gone */
async function launch(start: StartTemporal, plan: ServerPlan): Promise<ServerRecord | undefined> {
  const port = start.ports.grpc === 0 ? await freePort() : start.ports.grpc;
  const uiPort = start.ports.ui === 0 ? await freePort() : start.ports.ui;
  const { databaseFile, settingsDigest } = plan;
  const args = devServerArguments({ databaseFile, port, uiPort, codecEndpoint: start.codecEndpoint });
  const child = await spawnServer(start.file, args, plan.logFile);
  const identity = child.pid === undefined ? undefined : await identifyProcess(child.pid);
  if (identity === undefined) return undefined;
  const record = { v: 1, ...identity, databaseFile, port, uiPort, settingsDigest } as const;
  await writeServerRecord(plan.recordFile, record);
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  if (await becomesReady({ address: addressOf(record), namespace: 'default', withinMs: readyWithinMs, gone })) return record;
  await endServer(identity, plan);
  return undefined;
}

/** In a process group of its own: Ctrl-C must reach the workers first, and the server last. */
async function spawnServer(file: string, args: string[], logFile: string): Promise<ChildProcess> {
  const log = await openServerLog(logFile);
  try {
    const child = spawn(file, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
    await once(child, 'spawn');
    child.unref();
    return child;
  } catch (cause) {
    throw new CountersignError('unavailable', { message: `The Temporal server does not start: ${file}`, cause });
  } finally {
    await log.close();
  }
}

function serverHandle(record: ServerRecord, plan: ServerPlan): TemporalServer {
  const identity = { pid: record.pid, startedAt: record.startedAt };
  const watch = watchProcess(identity);
  return {
    address: addressOf(record),
    namespace: 'default',
    uiUrl: `http://127.0.0.1:${record.uiPort}`,
    pid: record.pid,
    whenEnded: watch.whenEnded,
    stop: async () => {
      watch.end();
      await endServer(identity, plan);
    },
  };
}

/** Looks at the process now and then: an adopted server is not a child that would report its end. */
function watchProcess(identity: ProcessIdentity): { whenEnded: Promise<void>; end: () => void } {
  let end: () => void = () => undefined;
  const whenEnded = new Promise<void>((resolve) => {
    const timer = setInterval(async () => {
      if (!(await isAlive(identity))) end();
    }, watchMs);
    timer.unref();
    end = () => {
      clearInterval(timer);
      resolve();
    };
  });
  return { whenEnded, end: () => end() };
}

async function endServer(identity: ProcessIdentity, plan: ServerPlan): Promise<void> {
  if (!(await endProcess(identity, graceMs))) {
    throw new CountersignError('unavailable', { message: `The Temporal server, process ${identity.pid}, does not end.` });
  }
  await removeServerRecord(plan.recordFile);
}

export function addressOf(record: Pick<ServerRecord, 'port'>): string {
  return `127.0.0.1:${record.port}`;
}

async function whyNotReady(start: StartTemporal, plan: ServerPlan): Promise<string> {
  const ports = [start.ports.grpc, start.ports.ui].filter((port) => port !== 0).join(' and ');
  const hint = ports === '' ? '' : ` Is another program on port ${ports}?`;
  return `The Temporal server did not become ready.${hint} The end of ${plan.logFile}:\n${await lastWords(plan.logFile)}`;
}
