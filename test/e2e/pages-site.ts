import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAjvChecker } from '../../src/adapters/argument-checker-ajv/create-ajv-checker.ts';
import { openCatalogue } from '../../src/adapters/catalogue-files/open-catalogue.ts';
import { createDevDirectory } from '../../src/adapters/directory-dev/dev-directory.ts';
import { openDevTokens } from '../../src/adapters/directory-dev/dev-tokens.ts';
import { createWebauthnVerifier } from '../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { openPolicies } from '../../src/adapters/policy-cedar/open-policies.ts';
import { createApi } from '../../src/api/create-api.ts';
import { createServices } from '../../src/api/create-services.ts';
import { listen } from '../../src/api/listen.ts';
import type { ApiLog } from '../../src/api/log.ts';
import { tally } from '../../src/domain/approval.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { openEmbeddedRecords, type Records } from '../../src/main/records.ts';
import type { RunEngine } from '../../src/ports/run-engine.port.ts';
import { createWeb } from '../../src/web/create-web.ts';

const silent: ApiLog = { info: () => undefined, error: () => undefined };
const quiet = { info: () => undefined, warn: () => undefined };

/** The real API and the real pages over the real stores, on a real port; only the workflow is played, by its one rule. */
export interface PagesSite {
  readonly url: string;
  readonly records: Records;
  readonly clock: { now(): number; advance(milliseconds: number): void };
  /** While true, verdicts are stored and nobody takes them up. */
  hold(asleep: 'asleep' | 'awake'): void;
  stop(): Promise<void>;
}

export async function startPagesSite(): Promise<PagesSite> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-pages-'));
  let offset = 0;
  const clock = { now: () => Date.now() + offset, advance: (milliseconds: number) => void (offset += milliseconds) };
  const records = await openEmbeddedRecords(folder, {
    cacheFolder: join(tmpdir(), 'countersign-test-cache'),
    durability: 'process',
  });
  const catalogue = await openCatalogue({ folder: 'agents', lastGood: join(folder, 'good-agents'), log: quiet });
  const policy = await openPolicies({
    folder: 'policies',
    catalogue,
    lastGood: join(folder, 'good-policies'),
    log: quiet,
  });
  const directory = createDevDirectory('default');
  const tokens = await openDevTokens(folder, clock);
  let workflow: 'asleep' | 'awake' = 'awake';
  const services = createServices({
    ...records.storage,
    passkeyVerifier: createWebauthnVerifier(),
    blobs: records.blobs,
    keys: records.keys,
    catalogue,
    policy,
    argumentChecker: createAjvChecker(),
    directory,
    tokens,
    clock,
    log: silent,
    engine: engineThatSettles(records, clock, () => workflow),
    settings: {
      secure: false,
      publicUrl: () => new URL(url),
      developmentLogin: true,
      temporal: { url: 'http://127.0.0.1:8233', namespace: 'default' },
    },
  });
  const stopping = new AbortController();
  const app = Promise.withResolvers<ReturnType<typeof createApi>>();
  const listening = await listen(
    { fetch: async (request, env) => (await app.promise).fetch(request, env) },
    { host: '127.0.0.1', port: 0 },
  );
  const url = `http://localhost:${listening.port}`;
  const pages = createWeb({
    services,
    clock,
    publicUrl: new URL(url),
    mode: 'embedded',
  });
  const hostnames = ['localhost', '127.0.0.1'];
  app.resolve(
    createApi({
      services,
      hostnames,
      secure: false,
      ready: async () => undefined,
      clock,
      log: silent,
      stopping: stopping.signal,
      version: 'test',
      pages,
    }),
  );
  return {
    url,
    records,
    clock,
    hold: (wanted) => void (workflow = wanted),
    async stop() {
      stopping.abort();
      await listening.close();
      await services.stop();
      await records.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What `agentRun` does with a verdict, without the workflow: count, and close the approval when it is decided. */
function engineThatSettles(
  { storage }: Records,
  clock: { now(): number },
  workflow: () => 'asleep' | 'awake',
): RunEngine {
  return {
    start: async () => 'started',
    cancel: async () => 'requested',
    signalSteering: async () => 'sent',
    describe: async () => 'open',
    ready: async () => undefined,
    async signalVerdict(tenant, runId, { approvalId }) {
      const row = await storage.approvals.find(tenant, approvalId);
      if (row === undefined || workflow() === 'asleep') return 'sent';
      const verdicts = (await storage.approvals.verdicts(tenant, approvalId)).map(({ signed }) => signed.verdict);
      const state = tally(verdicts, row.requirement.quorum);
      if (state === 'pending' || state === 'edited') return 'sent';
      const at = new Date(clock.now()).toISOString();
      const { callId, tool, envelopeRef, actionDigest } = row;
      const body = { approvalId, state, callId, tool, envelopeRef, actionDigest };
      await storage.approvals.close(tenant, approvalId, state, at, [
        recordOf('approval-closed', { tenant, runId }, approvalId, at, body),
      ]);
      return 'sent';
    },
  };
}
