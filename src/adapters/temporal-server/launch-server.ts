import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CountersignError } from '../../domain/countersign-error.ts';
import { devServerArguments } from './dev-server-arguments.ts';
import { freePort } from './free-port.ts';
import { endProcess, identifyProcess } from './process-identity.ts';
import { openServerLog } from './server-log.ts';
import { readinessOf, type ServerPlan } from './server-plan.ts';
import { becomesReady } from './server-readiness.ts';
import { removeServerRecord, type ServerRecord, writeServerRecord } from './server-record.ts';

const readyWithinMs = 60_000;
const graceMs = 5000;

/** @returns undefined if the server did not come up; then it is gone */
export async function launchServer(file: string, plan: ServerPlan): Promise<ServerRecord | undefined> {
  const { databaseFile, codecEndpoint, settingsDigest } = plan;
  const port = plan.ports.grpc === 0 ? await freePort() : plan.ports.grpc;
  const uiPort = plan.ports.ui === 0 ? await freePort() : plan.ports.ui;
  const child = await spawnServer(
    file,
    devServerArguments({ databaseFile, port, uiPort, codecEndpoint }),
    plan.logFile,
  );
  const identity = child.pid === undefined ? undefined : await identifyProcess(child.pid);
  if (identity === undefined) return undefined;
  const record = { v: 1, ...identity, databaseFile, port, uiPort, settingsDigest } as const;
  await writeServerRecord(plan.recordFile, record);
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  if (await becomesReady({ ...readinessOf(record), withinMs: readyWithinMs, gone })) return record;
  await endServer(record, plan);
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

/** Ends exactly the server on record; does nothing if it has ended already. */
export async function endServer(record: ServerRecord, plan: ServerPlan): Promise<void> {
  if (!(await endProcess(record, graceMs))) {
    throw new CountersignError('unavailable', { message: `The Temporal server, process ${record.pid}, does not end.` });
  }
  await removeServerRecord(plan.recordFile);
}
