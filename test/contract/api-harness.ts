import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAjvChecker } from '../../src/adapters/argument-checker-ajv/create-ajv-checker.ts';
import { createFolderBlobs } from '../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { createDevDirectory } from '../../src/adapters/directory-dev/dev-directory.ts';
import { openDevTokens } from '../../src/adapters/directory-dev/dev-tokens.ts';
import { openOwnerSecret } from '../../src/adapters/directory-dev/owner-secret.ts';
import { type FileKeys, openFileKeys } from '../../src/adapters/keys-file/open-file-keys.ts';
import { createWebauthnVerifier } from '../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { openPolicies } from '../../src/adapters/policy-cedar/open-policies.ts';
import { createSqlStorage, type SqlStorage } from '../../src/adapters/storage-sql/create-sql-storage.ts';
import { openEmbeddedDatabase } from '../../src/adapters/storage-sql/open-embedded-database.ts';
import { type ApiLimits, createApi, defaultLimits } from '../../src/api/create-api.ts';
import { createServices, type RunningServices } from '../../src/api/create-services.ts';
import { listen } from '../../src/api/listen.ts';
import { type CountersignClient, createClient } from '../../src/client/create-client.ts';
import type { BlobStore } from '../../src/ports/blob-store.port.ts';
import { deskCatalogue } from '../policy/desk-catalogue.ts';
import { quietLog } from '../policy/quiet-log.ts';
import { type ManualClock, manualClock } from '../unit/api/manual-clock.ts';
import { quietApiLog } from '../unit/api/quiet-api-log.ts';
import { type RecordedEngine, recordedEngine } from './api-recorded-engine.ts';

/** The API over real HTTP, SQL, keys, blobs, manifests and policies; only the durable engine writes down what it is told. */
export interface ApiHarness {
  readonly url: string;
  readonly storage: SqlStorage;
  readonly blobs: BlobStore;
  readonly keys: FileKeys;
  readonly clock: ManualClock;
  readonly engine: RecordedEngine;
  readonly services: RunningServices;
  readonly ownerSecret: string;
  readonly log: { readonly events: string[] };
  token(subject: string): Promise<string>;
  as(subject: string): Promise<CountersignClient>;
  close(): Promise<void>;
}

export async function startApi(
  options: { readonly limits?: Partial<ApiLimits>; readonly developmentLogin?: boolean } = {},
): Promise<ApiHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-api-'));
  const clock = manualClock(Date.now());
  const keys = await openFileKeys(join(folder, 'keys'));
  const database = await openEmbeddedDatabase(join(folder, 'sql'), {
    cacheFolder: join(tmpdir(), 'countersign-test-cache'),
    durability: 'process',
  });
  const storage = createSqlStorage({ db: database.db, keys });
  const blobs = createFolderBlobs({ folder: join(folder, 'blobs'), keys, durability: 'process' });
  const catalogue = await deskCatalogue();
  const policy = await openPolicies({ folder: 'policies', catalogue, lastGood: join(folder, 'good'), log: quietLog() });
  const directory = createDevDirectory('default');
  const tokens = await openDevTokens(folder, clock);
  const ownerSecret = await openOwnerSecret(folder);
  const engine = recordedEngine();
  const log = quietApiLog();
  const services = createServices({
    ...storage,
    passkeyVerifier: createWebauthnVerifier(),
    blobs,
    keys,
    catalogue,
    policy,
    argumentChecker: createAjvChecker(),
    directory,
    tokens,
    engine,
    clock,
    log,
    settings: {
      secure: false,
      publicUrl: () => new URL('http://localhost'),
      developmentLogin: options.developmentLogin ?? true,
      temporal: { url: 'http://localhost:8233', namespace: 'default' },
    },
  });
  const stopping = new AbortController();
  const app = createApi({
    services,
    hostnames: ['localhost', '127.0.0.1', '[::1]'],
    secure: false,
    ready: () => engine.ready(),
    clock,
    log,
    stopping: stopping.signal,
    version: '0.0.0',
    limits: { ...defaultLimits, ...options.limits },
    development: { ownerSecret, directory, mint: tokens },
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const token = async (subject: string): Promise<string> => (await tokens.mint(subject)).token;
  return {
    url: server.url,
    storage,
    blobs,
    keys,
    clock,
    engine,
    services,
    ownerSecret,
    log,
    token,
    as: async (subject) => createClient({ baseUrl: server.url, token: await token(subject) }),
    async close() {
      stopping.abort();
      await server.close();
      await services.stop();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
