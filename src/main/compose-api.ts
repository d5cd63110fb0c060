import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { createAjvChecker } from '../adapters/argument-checker-ajv/create-ajv-checker.ts';
import { createWebauthnVerifier } from '../adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { createTemporalRunEngine } from '../adapters/run-engine-temporal/create-temporal-run-engine.ts';
import { createApi } from '../api/create-api.ts';
import { createServices } from '../api/create-services.ts';
import type { SessionEnds } from '../api/identity/create-sessions.ts';
import { type Listening, listen } from '../api/listen.ts';
import { createNudgePump } from '../api/nudges/nudge-pump.ts';
import type { SignInConfiguration } from '../config/configuration.ts';
import { loopbackNames } from '../domain/loopback.ts';
import type { Catalogue } from '../ports/catalogue.port.ts';
import type { Clock } from '../ports/clock.port.ts';
import type { Directory } from '../ports/directory.port.ts';
import type { NudgeChannels, NudgeSender } from '../ports/nudge-channels.port.ts';
import type { PolicyPort } from '../ports/policy.port.ts';
import { createWeb } from '../web/create-web.ts';
import { type ApiIdentity, configuredIdentity } from './configured-identity.ts';
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
  /** Undefined: development identities. */
  readonly signIn?: SignInConfiguration | undefined;
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

/** The API and the pages in embedded mode: on loopback and in plain HTTP, with a proxy before it where people come from elsewhere. */
export async function composeApi(parts: ApiParts): Promise<RunningApi> {
  const { records, directory, clock, temporal } = parts;
  const { runs, mandates, approvals, inbox, steering, ledger, outbox, sessions, nudges, people, signIns } =
    records.storage;
  const { passkeys, passkeyChallenges, escalations, delegations, approvalNotes } = records.storage;
  const log = apiLogOver(parts.log);
  const identity = await configuredIdentity(parts.signIn, parts);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter: temporal.dataConverter });
  const engine = createTemporalRunEngine({ client, taskQueue: temporal.taskQueue });
  const address = { current: 'http://localhost' };
  const services = createServices({
    runs,
    mandates,
    approvals,
    approvalNotes,
    steering,
    inbox,
    ledger,
    outbox,
    sessions,
    escalations,
    nudges,
    people,
    signIns,
    passkeys,
    passkeyChallenges,
    delegations,
    passkeyVerifier: createWebauthnVerifier(),
    blobs: records.blobs,
    keys: records.keys,
    catalogue: parts.catalogue,
    policy: parts.policy,
    argumentChecker: createAjvChecker(),
    directory,
    tokens: identity.tokens,
    ...(identity.kind === 'provider' && { signInProvider: identity.provider }),
    ...(identity.kind === 'provider' && identity.reauthentication && { reauthentication: identity.reauthentication }),
    engine,
    clock,
    log,
    settings: {
      secure: isSecure(identity),
      publicUrl: () => (identity.kind === 'provider' ? identity.publicUrl : new URL(address.current)),
      developmentLogin: identity.kind === 'development',
      ...(identity.kind === 'provider' && { refreshAfterMs: identity.refreshAfterMs }),
      ...(parts.sessionEnds !== undefined && { sessionEnds: parts.sessionEnds }),
      temporal: { url: temporal.uiUrl, namespace: temporal.namespace },
    },
  });
  const stopping = new AbortController();
  const serving = await serve(parts, services, engine, identity, stopping.signal);
  const pump =
    parts.nudging && createNudgePump({ nudges, approvals, clock, log, publicUrl: serving.url, ...parts.nudging });
  address.current = serving.url;
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
  identity: ApiIdentity,
  stopping: AbortSignal,
): Promise<Listening> {
  const { clock } = parts;
  const app = Promise.withResolvers<ReturnType<typeof createApi>>();
  const listening = await listen(
    { fetch: async (request, env) => (await app.promise).fetch(request, env) },
    { host: parts.host, port: parts.port },
  );
  const localUrl = `http://localhost:${listening.port}`;
  const publicUrl = identity.kind === 'provider' ? identity.publicUrl : new URL(localUrl);
  const pages = createWeb({
    services,
    clock,
    publicUrl,
    mode: 'embedded',
  });
  app.resolve(
    createApi({
      services,
      hostnames: [...loopbackNames, publicUrl.hostname],
      secure: isSecure(identity),
      ready: () => engine.ready(),
      clock,
      log: apiLogOver(parts.log),
      stopping,
      version: parts.version,
      ...(identity.kind === 'development' && { development: identity.development }),
      pages,
    }),
  );
  return { ...listening, url: localUrl };
}

function isSecure(identity: ApiIdentity): boolean {
  return identity.kind === 'provider' && identity.publicUrl.protocol === 'https:';
}
