import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { openDevTokens } from '../adapters/directory-dev/dev-tokens.ts';
import { openOwnerSecret } from '../adapters/directory-dev/owner-secret.ts';
import { createTemporalRunEngine } from '../adapters/run-engine-temporal/create-temporal-run-engine.ts';
import { createApi } from '../api/create-api.ts';
import { createServices } from '../api/create-services.ts';
import type { SessionEnds } from '../api/identity/create-sessions.ts';
import { type Listening, listen } from '../api/listen.ts';
import { createNudgePump } from '../api/nudges/nudge-pump.ts';
import type { Catalogue } from '../ports/catalogue.port.ts';
import type { Clock } from '../ports/clock.port.ts';
import type { Directory } from '../ports/directory.port.ts';
import type { NudgeChannels, NudgeSender } from '../ports/nudge-channels.port.ts';
import type { PolicyPort } from '../ports/policy.port.ts';
import { createWeb } from '../web/create-web.ts';
import type { Records } from './records.ts';
import { apiLogOver, type ServerLog } from './server-log.ts';

export interface ApiParts {
  readonly records: Records;
  readonly catalogue: Catalogue;
  readonly policy: PolicyPort;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    /** Of Temporal's own pages; empty where it has none. */
    readonly uiUrl: string;
    readonly taskQueue: string;
    readonly dataConverter: DataConverter;
  };
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly log: ServerLog;
  readonly sessionEnds?: SessionEnds;
  /** Present where people are told of questions. */
  readonly nudging?: Nudging;
}

export interface Nudging {
  readonly channels: NudgeChannels;
  readonly sender: NudgeSender;
  /** For links, without a trailing slash; without it, the address on this machine. */
  readonly publicUrl?: string;
  /** Milliseconds between two looks at what is due. */
  readonly everyMs?: number;
  readonly firstBackOffMs?: number;
}

export interface RunningApi {
  readonly url: string;
  readonly services: ReturnType<typeof createServices>;
  /** Sweeps over admitted runs and stored verdicts; call it once workers are there to take them up. */
  begin(): void;
  stop(): Promise<void>;
}

/** The API and the pages in embedded mode: development identities, loopback, plain HTTP. */
export async function composeApi(parts: ApiParts): Promise<RunningApi> {
  const { records, directory, clock, temporal } = parts;
  const { runs, mandates, approvals, inbox, steering, ledger, outbox, sessions, nudges } = records.storage;
  const log = apiLogOver(parts.log);
  const tokens = await openDevTokens(parts.dataFolder, clock);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter: temporal.dataConverter });
  const engine = createTemporalRunEngine({ client, taskQueue: temporal.taskQueue });
  const services = createServices({
    runs,
    mandates,
    approvals,
    steering,
    inbox,
    ledger,
    outbox,
    sessions,
    nudges,
    blobs: records.blobs,
    keys: records.keys,
    catalogue: parts.catalogue,
    policy: parts.policy,
    directory,
    tokens,
    engine,
    clock,
    log,
    settings: {
      secure: false,
      developmentLogin: true,
      ...(parts.sessionEnds !== undefined && { sessionEnds: parts.sessionEnds }),
      temporal: { url: temporal.uiUrl, namespace: temporal.namespace },
    },
  });
  const stopping = new AbortController();
  const serving = await serve(parts, services, engine, tokens, stopping.signal);
  const pump =
    parts.nudging && createNudgePump({ nudges, approvals, clock, log, publicUrl: serving.url, ...parts.nudging });
  return {
    url: serving.url,
    services,
    begin: () => {
      services.begin();
      pump?.begin();
    },
    stop: async () => {
      stopping.abort();
      await serving.close();
      await Promise.all([services.stop(), pump?.stop()]);
      await connection.close();
    },
  };
}

/** The pages are told the address that people see, which is known once the port is; until then nothing is answered. */
async function serve(
  parts: ApiParts,
  services: ReturnType<typeof createServices>,
  engine: ReturnType<typeof createTemporalRunEngine>,
  tokens: Awaited<ReturnType<typeof openDevTokens>>,
  stopping: AbortSignal,
): Promise<Listening> {
  const { directory, clock } = parts;
  const app = Promise.withResolvers<ReturnType<typeof createApi>>();
  const listening = await listen(
    { fetch: async (request, env) => (await app.promise).fetch(request, env) },
    { host: parts.host, port: parts.port },
  );
  const publicUrl = `http://localhost:${listening.port}`;
  const pages = createWeb({
    services,
    clock,
    publicUrl: new URL(publicUrl),
    mode: 'embedded',
  });
  app.resolve(
    createApi({
      services,
      hostnames: ['localhost', '127.0.0.1', '[::1]'],
      secure: false,
      ready: () => engine.ready(),
      clock,
      log: apiLogOver(parts.log),
      stopping,
      version: parts.version,
      development: { ownerSecret: await openOwnerSecret(parts.dataFolder), directory, mint: tokens },
      pages,
    }),
  );
  return { ...listening, url: publicUrl };
}
