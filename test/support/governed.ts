import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { inject } from 'vitest';
import { openCatalogue } from '../../src/adapters/catalogue-files/open-catalogue.ts';
import { createDataConverter } from '../../src/adapters/codec-aes-gcm/create-data-converter.ts';
import { openDevTokens } from '../../src/adapters/directory-dev/dev-tokens.ts';
import { createOpenAiCompatibleModel } from '../../src/adapters/model-openai-compatible/create-openai-compatible-model.ts';
import { type FilePolicies, openPolicies } from '../../src/adapters/policy-cedar/open-policies.ts';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import { type CountersignClient, createClient } from '../../src/client/create-client.ts';
import type { SignInConfiguration } from '../../src/config/configuration.ts';
import { type ActivitiesByRole, composeActivities } from '../../src/main/compose-activities.ts';
import { composeApi, type Nudging, type RunningApi } from '../../src/main/compose-api.ts';
import { configuredDirectory } from '../../src/main/configured-identity.ts';
import { openEmbeddedRecords, type Records } from '../../src/main/records.ts';
import { runWorkers } from '../../src/main/run-workers.ts';
import { createServerLog } from '../../src/main/server-log.ts';
import type { RunningWorker } from '../../src/main/start-worker.ts';
import { createStoppers } from '../../src/main/stoppers.ts';
import { installTemporalRuntime } from '../../src/main/temporal-runtime.ts';
import { workflowCode } from '../../src/main/workflow-code.ts';
import type { Catalogue } from '../../src/ports/catalogue.port.ts';
import { type Clock, systemClock } from '../../src/ports/clock.port.ts';
import type { Directory } from '../../src/ports/directory.port.ts';
import type { FakeTool } from '../fakes/fake-tool.ts';
import { type FakeMcpServer, startMcpServer } from '../fakes/mcp-server.ts';
import { type FakeOpenAiHost, type FakeScript, startOpenAiHost } from '../fakes/openai-host.ts';
import type { ProvidedTemporal } from '../setup/provided-context.ts';
import { uniqueTaskQueue } from '../setup/task-queue.ts';
import { type TestInstallation, type TestTool, writeInstallation, writePolicies } from './installation.ts';

/** What tests prepare once: an empty database, the workflow bundle. */
const testCache = join(tmpdir(), 'countersign-test-cache');

export interface GovernedSettings {
  readonly script: FakeScript;
  readonly tools: readonly (FakeTool & TestTool)[];
  readonly policy?: string;
  readonly limits?: TestInstallation['limits'];
  readonly turnsPerExecution?: number;
  readonly clock?: Clock;
  /** Who people are, instead of the development identities. */
  readonly directory?: Directory;
  /** Outside of vitest nobody provides a server, so the caller names one. */
  readonly temporal?: ProvidedTemporal;
  /** An identity provider that knows this address of the API, instead of the development identities. */
  readonly signIn?: { readonly configuration: SignInConfiguration; readonly port: number };
  /** Gets the data folder before anything is opened in it. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Whom the API tells of questions. */
  readonly nudging?: Nudging;
  /** What the workers get to hold instead of the records themselves: where a fault is put. */
  readonly workerRecords?: (records: Records) => Records;
}

/** Everything real: Temporal, SQL, keys, Cedar, MCP over HTTP, a model over HTTP, the API. Only the model's words are scripted. */
export interface Governed {
  readonly records: Records;
  readonly api: RunningApi;
  readonly model: FakeOpenAiHost;
  readonly server: FakeMcpServer;
  readonly policies: FilePolicies;
  readonly catalogue: Catalogue;
  readonly temporal: Client;
  /** What the worker runs; for attempts that would take minutes to come about. */
  readonly activities: ActivitiesByRole;
  readonly taskQueue: string;
  /** An id that no other run on this Temporal server has: ids are never started again. */
  readonly runId: string;
  /** A client of the API as a development identity. */
  as(subject: string): Promise<CountersignClient>;
  history(runId: string): Promise<temporal.api.history.v1.IHistory>;
  /** Of one execution of this run, by Temporal's id of it. */
  historyOf(temporalRunId: string): Promise<temporal.api.history.v1.IHistory>;
  /** Writes other policies and puts them in force. */
  changePolicy(policy: string): Promise<void>;
  /** Ends the worker, and starts another one over the same records. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function startGoverned(settings: GovernedSettings): Promise<Governed> {
  const stoppers = createStoppers();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-governed-'));
  stoppers.add(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  await settings.prepare?.(folder);
  const model = await startOpenAiHost(settings.script);
  stoppers.add(() => model.close());
  const server = await startMcpServer({ tools: settings.tools });
  stoppers.add(() => server.close());
  const installation: TestInstallation = {
    folder,
    serverUrl: server.url,
    tools: Object.fromEntries(settings.tools.map((tool) => [tool.name, manifestOf(tool)])),
    ...(settings.policy === undefined ? {} : { policy: settings.policy }),
    ...(settings.limits === undefined ? {} : { limits: settings.limits }),
  };
  const files = await writeInstallation(installation);
  const log = createServerLog(join(folder, 'log'), 'debug');
  installTemporalRuntime(log);
  const clock = settings.clock ?? systemClock;
  const catalogue = await openCatalogue({ folder: files.agents, lastGood: join(folder, 'good-agents'), log });
  const policies = await openPolicies({
    folder: files.policies,
    catalogue,
    lastGood: join(folder, 'good-policies'),
    log,
  });
  const records = await openEmbeddedRecords(folder, { cacheFolder: testCache, durability: 'process' });
  stoppers.add(() => records.close());
  const tools = createMcpTools({ servers: () => catalogue.servers() });
  stoppers.add(() => tools.close());

  const { address, namespace } = settings.temporal ?? inject('temporal');
  const taskQueue = uniqueTaskQueue('governed');
  const dataConverter = createDataConverter({ keys: records.keys, tenant: 'default' });
  const signIn = settings.signIn?.configuration;
  const { people } = records.storage;
  const directory = settings.directory ?? (await configuredDirectory(signIn, { people, clock, tenant: 'default' }));
  const shared = { records, catalogue, policy: policies, directory, clock };
  const activities = composeActivities({
    ...shared,
    records: settings.workerRecords?.(records) ?? records,
    tools,
    signIn,
    models: { default: createOpenAiCompatibleModel({ baseUrl: model.baseUrl, model: 'scripted', timeoutMs: 10_000 }) },
    settings: {
      queues: { inference: taskQueue, effects: taskQueue },
      turnsPerExecution: settings.turnsPerExecution ?? 500,
    },
  });
  const workflows = await workflowCode(testCache);
  const queues = { agents: taskQueue, inference: taskQueue, effects: taskQueue };
  let worker: RunningWorker | undefined;
  const startWorker = async () => {
    worker ??= await runWorkers({ address, namespace, dataConverter, workflows, activities, queues });
  };
  const stopWorker = async () => {
    await worker?.stop();
    worker = undefined;
  };
  await startWorker();
  stoppers.add(stopWorker);
  const api = await composeApi({
    ...shared,
    temporal: { address, namespace, uiUrl: '', taskQueue, dataConverter },
    dataFolder: folder,
    host: '127.0.0.1',
    port: settings.signIn?.port ?? 0,
    signIn,
    version: 'test',
    log,
    ...(settings.nudging === undefined ? {} : { nudging: settings.nudging }),
  });
  stoppers.add(() => api.stop());
  api.begin();
  const connection = await Connection.connect({ address });
  stoppers.add(() => connection.close());
  const temporal = new Client({ connection, namespace, dataConverter });
  const tokens = await openDevTokens(folder, clock);
  const runId = `run-${randomUUID()}`;
  return {
    records,
    api,
    model,
    server,
    policies,
    catalogue,
    temporal,
    activities,
    taskQueue,
    runId,
    as: async (subject) => createClient({ baseUrl: api.url, token: (await tokens.mint(subject)).token }),
    history: (runId) => temporal.workflow.getHandle(`default/${runId}`).fetchHistory(),
    historyOf: (temporalRunId) => temporal.workflow.getHandle(`default/${runId}`, temporalRunId).fetchHistory(),
    changePolicy: async (policy) => {
      await writePolicies({ folder, policy });
      const errors = await policies.reload();
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
    },
    stopWorker,
    startWorker,
    stop: () => stoppers.stopAll(),
  };
}

function manifestOf({ effect, retry, record, args, relations, timeout }: TestTool): TestTool {
  return {
    effect,
    ...(retry === undefined ? {} : { retry }),
    ...(record === undefined ? {} : { record }),
    ...(args === undefined ? {} : { args }),
    ...(relations === undefined ? {} : { relations }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}
