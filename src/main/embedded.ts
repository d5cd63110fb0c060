import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { type FileCatalogue, openCatalogue } from '../adapters/catalogue-files/open-catalogue.ts';
import { watchCatalogue } from '../adapters/catalogue-files/watch-catalogue.ts';
import { createCodecHandler } from '../adapters/codec-aes-gcm/create-codec-handler.ts';
import { createDataConverter } from '../adapters/codec-aes-gcm/create-data-converter.ts';
import { createPayloadCodec } from '../adapters/codec-aes-gcm/create-payload-codec.ts';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { openDataFolder } from '../adapters/data-folder/open-data-folder.ts';
import { createDevDirectory } from '../adapters/directory-dev/dev-directory.ts';
import { type FilePolicies, openPolicies } from '../adapters/policy-cedar/open-policies.ts';
import { openTemporal } from '../adapters/temporal-server/open-temporal.ts';
import type { TemporalServer } from '../adapters/temporal-server/temporal-server.ts';
import { createMcpTools } from '../adapters/tools-mcp/create-mcp-tools.ts';
import { type Listening, listen } from '../api/listen.ts';
import type { Configuration } from '../config/configuration.ts';
import type { ToolServerManifest } from '../contracts/tool-server.schema.ts';
import { systemClock } from '../ports/clock.port.ts';
import type { ModelDescription } from '../ports/model.port.ts';
import { composeActivities } from './compose-activities.ts';
import { composeApi } from './compose-api.ts';
import { configuredModel, productVersion, temporalSettings } from './configured-parts.ts';
import { openEmbeddedRecords, type Records } from './records.ts';
import { runWorkers } from './run-workers.ts';
import { createServerLog } from './server-log.ts';
import { createStoppers, type Stoppers } from './stoppers.ts';
import { installTemporalRuntime } from './temporal-runtime.ts';
import { workflowCode } from './workflow-code.ts';

/** The tenant of everything in embedded mode. */
const tenant = 'default';
/** One queue for all roles: activities then start in the answer to the workflow task, without a detour over the server. */
const queue = 'countersign';
const host = '127.0.0.1';

export interface EmbeddedOptions {
  readonly agents: string;
  readonly policies: string;
  readonly data: string;
  /** Of the API and the pages; the codec server takes the next one. 0: any free ports. */
  readonly port: number;
  readonly configuration: Configuration;
  /** Where a tool server on loopback really listens, by its name. */
  readonly toolUrls?: Readonly<Record<string, string>>;
  readonly progress: (sentence: string) => void;
}

export interface Embedded {
  readonly url: string;
  readonly temporalUiUrl: string;
  readonly temporalAddress: string;
  readonly model: ModelDescription;
  /** What is wrong with the files on disk while their last good version is in force. */
  readonly problems: readonly string[];
  /** Rejects if the workers die of themselves. */
  readonly ended: Promise<void>;
  /** Takes no new work, finishes what is under way, and gives the data folder back. */
  stop(): Promise<void>;
}

/**
 * Every role in one process, over PGlite and a Temporal dev server of its own, on loopback only.
 * Fails with `data-folder-in-use`, `manifest-invalid`, `policy-invalid`, `temporal-not-found`, `unavailable`;
 * what was started until then is stopped again.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const stoppers = createStoppers();
  try {
    const folder = await openDataFolder(options.data);
    stoppers.add(() => folder.release());
    return await start(options, folder, stoppers);
  } catch (error) {
    await stoppers.stopAll();
    throw error;
  }
}

async function start(options: EmbeddedOptions, folder: DataFolder, stoppers: Stoppers): Promise<Embedded> {
  const { configuration } = options;
  const log = createServerLog(join(folder.path, 'countersign.log'), configuration.logLevel);
  installTemporalRuntime(log);
  const model = configuredModel(configuration);
  const lastGood = (what: string) => join(folder.path, 'last-good', what);
  const catalogue = await openCatalogue({ folder: options.agents, lastGood: lastGood('catalogue'), log });
  const policies = await openPolicies({ folder: options.policies, catalogue, lastGood: lastGood('policies'), log });
  stoppers.add(watchFiles(options, catalogue, policies));
  options.progress('Opening the database …');
  const { cacheFolder } = temporalSettings(configuration);
  const workflowsReady = workflowCode(join(cacheFolder, 'bundles'));
  const records = await openEmbeddedRecords(folder.path, { cacheFolder, durability: configuration.durability });
  stoppers.add(() => records.close());
  const { temporal, dataConverter } = await openEngine(options, folder, records, stoppers);

  const tools = createMcpTools({ servers: () => withActualUrls(catalogue.servers(), options.toolUrls ?? {}) });
  stoppers.add(() => tools.close());
  const directory = createDevDirectory(tenant);
  const shared = { records, catalogue, policy: policies, directory, clock: systemClock };
  const activities = composeActivities({
    ...shared,
    tools,
    models: { default: model },
    settings: { queues: { inference: queue, effects: queue }, turnsPerExecution: configuration.turnsPerExecution },
  });
  const api = await composeApi({
    ...shared,
    temporal: {
      address: temporal.address,
      namespace: temporal.namespace,
      uiUrl: temporal.uiUrl ?? '',
      taskQueue: queue,
      dataConverter,
    },
    dataFolder: folder.path,
    host,
    port: options.port,
    version: productVersion(),
    log,
  });
  stoppers.add(() => api.stop());
  options.progress('Starting the workers …');
  const workers = await runWorkers({
    address: temporal.address,
    namespace: temporal.namespace,
    dataConverter,
    workflows: await workflowsReady,
    activities,
    queues: { agents: queue, inference: queue, effects: queue },
  });
  stoppers.add(() => workers.stop());
  api.begin();
  await folder.announce(api.url);
  return {
    url: api.url,
    temporalUiUrl: temporal.uiUrl ?? '',
    temporalAddress: temporal.address,
    model: model.description,
    get problems() {
      return [...catalogue.errors, ...policies.errors].map(({ path, rule }) => `${path} ${rule}`);
    },
    ended: workers.ended,
    stop: () => stoppers.stopAll(),
  };
}

/** Policies are typed by the catalogue, so they are read again after it. */
function watchFiles(
  { agents, policies: policyFolder }: EmbeddedOptions,
  catalogue: FileCatalogue,
  policies: FilePolicies,
): () => Promise<void> {
  const reload = () => void catalogue.reload().then(() => policies.reload());
  const stops = [watchCatalogue(agents, reload), watchCatalogue(policyFolder, reload)];
  return async () => {
    for (const stop of stops) stop();
  };
}

interface Engine {
  readonly temporal: TemporalServer;
  readonly dataConverter: DataConverter;
}

/** The codec server listens before Temporal starts, since the UI is told its address; it answers to that UI alone. */
async function openEngine(
  options: EmbeddedOptions,
  folder: DataFolder,
  records: Records,
  stoppers: Stoppers,
): Promise<Engine> {
  const codec = createPayloadCodec({ keys: records.keys, tenant });
  let answer = async (_: Request): Promise<Response> => new Response(null, { status: 503 });
  const codecServer: Listening = await listen(
    { fetch: (request) => answer(request) },
    { host, port: options.port === 0 ? 0 : options.port + 1 },
  );
  stoppers.add(() => codecServer.close());
  const temporal = await openTemporal({
    settings: temporalSettings(options.configuration),
    namespace: options.configuration.temporal.namespace,
    dataFolder: folder.path,
    ports: { grpc: 0, ui: 0 },
    codecEndpoint: codecServer.url,
    progress: options.progress,
  });
  stoppers.add(() => temporal.stop());
  if (temporal.uiUrl !== undefined)
    answer = createCodecHandler({ codec, allowedOrigin: new URL(temporal.uiUrl).origin });
  return { temporal, dataConverter: createDataConverter({ keys: records.keys, tenant }) };
}

function withActualUrls(
  servers: readonly ToolServerManifest[],
  urls: Readonly<Record<string, string>>,
): readonly ToolServerManifest[] {
  return servers.map((server) => {
    const url = urls[server.name];
    return url === undefined ? server : { ...server, transport: { url } };
  });
}
