import { join } from 'node:path';
import { type FileCatalogue, openCatalogue } from '../adapters/catalogue-files/open-catalogue.ts';
import { watchCatalogue } from '../adapters/catalogue-files/watch-catalogue.ts';
import { createDataConverter } from '../adapters/codec-aes-gcm/create-data-converter.ts';
import { createPayloadCodec } from '../adapters/codec-aes-gcm/create-payload-codec.ts';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { openDataFolder } from '../adapters/data-folder/open-data-folder.ts';
import { type FilePolicies, openPolicies } from '../adapters/policy-cedar/open-policies.ts';
import { createMcpTools } from '../adapters/tools-mcp/create-mcp-tools.ts';
import type { Configuration } from '../config/configuration.ts';
import { productVersion } from '../config/product-version.ts';
import type { ToolServerManifest } from '../contracts/tool-server.schema.ts';
import { CountersignError } from '../domain/countersign-error.ts';
import { systemClock } from '../ports/clock.port.ts';
import type { ModelDescription } from '../ports/model.port.ts';
import type { NudgeChannels } from '../ports/nudge-channels.port.ts';
import { composeActivities } from './compose-activities.ts';
import { composeApi, type Nudging } from './compose-api.ts';
import { configuredDirectory } from './configured-identity.ts';
import { configuredModel, configuredNudges, temporalSettings } from './configured-parts.ts';
import { openEmbeddedEngine } from './embedded-engine.ts';
import { createNudgeSender } from './nudge-sender.ts';
import { openEmbeddedRecords, type Records, type RecordsOptions } from './records.ts';
import { runWorkers } from './run-workers.ts';
import { createServerLog, type ServerLog } from './server-log.ts';
import { allSucceed, createStoppers, type Stoppers } from './stoppers.ts';
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
  stoppers.add(watchFiles(options, catalogue, policies, log));
  const nudges = await configuredNudges(configuration, lastGood('nudges'), log);
  const unwatch = nudges?.watch();
  stoppers.add(async () => unwatch?.());
  options.progress('Opening the database and the Temporal server …');
  const { cacheFolder } = temporalSettings(configuration);
  // side by side: each waits for the disk or another process, and neither needs the other
  const [records, engine, workflows] = await allSucceed([
    openRecords(folder.path, { cacheFolder, durability: configuration.durability }, stoppers),
    openEmbeddedEngine({ ...options, dataFolder: folder.path, host }, stoppers),
    workflowCode(join(cacheFolder, 'bundles')),
  ]);
  const { temporal } = engine;
  engine.serveCodec(createPayloadCodec({ keys: records.keys, tenant }));
  const dataConverter = createDataConverter({ keys: records.keys, tenant });

  const tools = createMcpTools({ servers: () => withActualUrls(catalogue.servers(), options.toolUrls ?? {}) });
  stoppers.add(() => tools.close());
  const { people } = records.storage;
  const directory = await configuredDirectory(configuration.signIn, { people, clock: systemClock, tenant });
  const shared = { records, catalogue, policy: policies, directory, clock: systemClock };
  const activities = composeActivities({
    ...shared,
    tools,
    signIn: configuration.signIn,
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
    sessionEnds: configuration.sessions,
    signIn: configuration.signIn,
    log,
    ...(nudges && { nudging: nudgingOver(nudges, configuration) }),
  });
  stoppers.add(() => api.stop());
  options.progress('Starting the workers …');
  const workers = await runWorkers({
    address: temporal.address,
    namespace: temporal.namespace,
    dataConverter,
    workflows,
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
      return [...catalogue.errors, ...policies.errors, ...(nudges?.errors ?? [])].map(
        ({ path, rule }) => `${path} ${rule}`,
      );
    },
    ended: workers.ended,
    stop: () => stoppers.stopAll(),
  };
}

function nudgingOver(channels: NudgeChannels, { publicUrl }: Configuration): Nudging {
  return { channels, sender: createNudgeSender(), ...(publicUrl !== undefined && { publicUrl }) };
}

async function openRecords(folder: string, options: RecordsOptions, stoppers: Stoppers): Promise<Records> {
  const records = await openEmbeddedRecords(folder, options);
  stoppers.add(() => records.close());
  return records;
}

/** Policies are typed by the catalogue, so they are read again after it. */
function watchFiles(
  { agents, policies: policyFolder }: EmbeddedOptions,
  catalogue: FileCatalogue,
  policies: FilePolicies,
  log: ServerLog,
): () => Promise<void> {
  const reload = () =>
    void catalogue
      .reload()
      .then(() => policies.reload())
      .catch((error: unknown) =>
        log.error({ code: error instanceof CountersignError ? error.code : 'internal' }, 'reload-failed'),
      );
  const stops = [watchCatalogue(agents, reload), watchCatalogue(policyFolder, reload)];
  return async () => {
    for (const stop of stops) stop();
  };
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
