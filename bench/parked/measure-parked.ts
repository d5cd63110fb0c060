import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { openTemporal } from '../../src/adapters/temporal-server/open-temporal.ts';
import { type CountersignClient, createClient } from '../../src/client/create-client.ts';
import { temporalSettings } from '../../test/setup/temporal-settings.ts';
import { benchTask, type ProcessUsage, workerArguments } from '../bench-subject.ts';
import { type Child, startChild } from '../child-process.ts';
import { readProcess } from '../demo/process-memory.ts';
import { askingAgent } from '../governed/bench-installation.ts';
import type { GovernedReady } from '../governed/governed.process.ts';
import { median, quantile } from '../statistics.ts';

/** A worker at rest, and what it keeps in memory. */
export interface AtRest {
  /** Processor time of Countersign's process, in milliseconds for each second. */
  readonly cpuMsPerSecond: number;
  readonly residentBytes: number;
  readonly temporalResidentBytes: number;
}

export interface ParkedMeasurement {
  readonly runs: number;
  /** From the first start to the last open question. */
  readonly parkingSeconds: number;
  readonly before: AtRest;
  /** From the start of the Temporal server to a process that can start runs. */
  readonly restartSeconds: number;
  readonly after: AtRest;
  readonly answered: number;
  /** Of runs that no worker has in its cache, in milliseconds from the verdict to the effect. */
  readonly effectMs: { readonly p50: number; readonly p95: number };
}

/** Runs that are kept in a worker's cache; the others cost it nothing until somebody answers. See `src/main/start-worker.ts`. */
export const cachedWorkflows = 200;

const startsAtOnce = 32;
const answers = 20;
const restSeconds = 10;
const patienceMs = 60 * 60_000;

interface House {
  readonly client: CountersignClient;
  readonly approver: CountersignClient;
  readonly temporal: Client;
  readonly atRest: () => Promise<AtRest>;
  readonly close: () => Promise<void>;
}

/**
 * Parks runs at a question, each in front of its own, ends Countersign without warning and its Temporal server with
 * it, starts both again, and answers some. Throws where a run was lost, or an effect happened that nobody allowed.
 */
export async function measureParked(runs: number, progress: (sentence: string) => void): Promise<ParkedMeasurement> {
  await using stack = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-bench-parked-'));
  stack.defer(() => rm(scratch, { recursive: true, force: true, maxRetries: 3 }));
  await mkdir(join(scratch, 'data'), { mode: 0o700 });
  const modelHost = await startChild(new URL('../hosts/model-host.process.ts', import.meta.url));
  stack.defer(() => modelHost.stop());
  const toolServer = await startChild(new URL('../hosts/tool-server.process.ts', import.meta.url));
  stack.defer(() => toolServer.stop());

  const first = await openHouse(scratch, modelHost, toolServer);
  const ids = Array.from({ length: runs }, (_, index) => `parked-${index}`);
  const begun = performance.now();
  try {
    progress(`parking ${runs} runs`);
    await startAll(first.client, ids, progress);
    await waiting(first.temporal, runs, progress);
  } catch (error) {
    await first.close();
    throw error;
  }
  const parkingSeconds = secondsSince(begun);
  const before = await first.atRest();
  await first.close();

  progress('starting everything again');
  const restarted = performance.now();
  const second = await openHouse(scratch, modelHost, toolServer);
  try {
    const restartSeconds = secondsSince(restarted);
    const after = await second.atRest();
    progress(`answering ${answers}`);
    const times = await answerSome(second, toolServer, ids);
    await waiting(second.temporal, runs - times.length, progress);
    return {
      runs,
      parkingSeconds,
      before,
      restartSeconds,
      after,
      answered: times.length,
      effectMs: { p50: median(times), p95: quantile(times, 0.95) },
    };
  } finally {
    await second.close();
  }
}

async function openHouse(scratch: string, modelHost: Child, toolServer: Child): Promise<House> {
  const server = await openTemporal({
    settings: temporalSettings(),
    dataFolder: scratch,
    ports: { grpc: 0, ui: 0 },
    progress: () => undefined,
  });
  const { address, namespace, pid } = server;
  const embedded = await startChild(
    new URL('../governed/governed.process.ts', import.meta.url),
    workerArguments({
      temporal: { address, namespace },
      modelBaseUrl: String(modelHost.ready),
      toolServerUrl: String(toolServer.ready),
      toolArrivals: async () => [],
      dataFolder: join(scratch, 'data'),
    }),
  );
  const { url, tokens } = embedded.ready as GovernedReady;
  const connection = await Connection.connect({ address });
  return {
    client: createClient({ baseUrl: url, token: tokens.initiator }),
    approver: createClient({ baseUrl: url, token: tokens.approver }),
    temporal: new Client({ connection, namespace }),
    atRest: () => measureRest(embedded, pid),
    async close() {
      await connection.close();
      await embedded.stop();
      await server.stop();
    },
  };
}

async function measureRest(embedded: Child, temporalPid: number | undefined): Promise<AtRest> {
  await pause(5_000);
  const before = (await embedded.ask('usage')) as ProcessUsage;
  await pause(restSeconds * 1_000);
  const after = (await embedded.ask('usage')) as ProcessUsage;
  const temporal = temporalPid === undefined ? undefined : await readProcess(temporalPid);
  return {
    cpuMsPerSecond: (after.cpuMs - before.cpuMs) / restSeconds,
    residentBytes: after.residentBytes,
    temporalResidentBytes: temporal?.residentBytes ?? 0,
  };
}

async function startAll(
  client: CountersignClient,
  ids: readonly string[],
  progress: (sentence: string) => void,
): Promise<void> {
  let next = 0;
  const starter = async (): Promise<void> => {
    for (let runId = ids[next++]; runId !== undefined; runId = ids[next++]) {
      await client.runs.start({ runId, agent: askingAgent, task: benchTask({ runId, steps: 1 }) });
      if (next % 1_000 === 0) progress(`  ${next} started`);
    }
  };
  await Promise.all(Array.from({ length: startsAtOnce }, starter));
}

/** Until exactly so many runs say that they wait for people. */
async function waiting(temporal: Client, runs: number, progress: (sentence: string) => void): Promise<void> {
  const end = Date.now() + patienceMs;
  for (let told = Date.now(); Date.now() < end; ) {
    const { count } = await temporal.workflow.count(`RunState = 'waiting' AND ExecutionStatus = 'Running'`);
    if (count === runs) return;
    if (Date.now() - told > 30_000) {
      told = Date.now();
      progress(`  ${count} of ${runs} wait`);
    }
    await pause(500);
  }
  throw new Error(`not all of ${runs} runs came to their question`);
}

/** Approves runs from all over the list; the effect's time is the tool server's. */
async function answerSome({ client, approver }: House, toolServer: Child, ids: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  const every = Math.max(1, Math.floor(ids.length / answers));
  for (const runId of ids.filter((_, index) => index % every === 0).slice(0, answers)) {
    const { items } = await client.approvals.list({ runId, state: 'pending' });
    const [approval] = items;
    if (approval === undefined) throw new Error(`${runId} lost its question`);
    const { approvalId, actionDigest } = approval;
    await approver.approvals.decide(approvalId, { verdict: 'approve', actionDigest });
    const { state } = await client.runs.wait(runId);
    if (state !== 'completed') throw new Error(`${runId} ended as ${state}`);
    const [given] = (await client.approvals.get(approvalId)).verdicts;
    const arrivals = (await toolServer.ask(runId)) as readonly number[];
    if (arrivals.length !== 1 || given === undefined) throw new Error(`${runId} acted ${arrivals.length} times`);
    times.push((arrivals[0] ?? Number.NaN) - Date.parse(given.at));
  }
  const others = ids.filter((_, index) => index % every !== 0);
  for (const runId of others.slice(0, 500)) {
    const arrivals = (await toolServer.ask(runId)) as readonly number[];
    if (arrivals.length > 0) throw new Error(`${runId} acted without an answer`);
  }
  return times;
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1_000;
