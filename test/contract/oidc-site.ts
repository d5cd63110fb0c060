import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openCatalogue } from '../../src/adapters/catalogue-files/open-catalogue.ts';
import { createDataConverter } from '../../src/adapters/codec-aes-gcm/create-data-converter.ts';
import { openPolicies } from '../../src/adapters/policy-cedar/open-policies.ts';
import type { SignInConfiguration } from '../../src/config/configuration.ts';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { composeApi } from '../../src/main/compose-api.ts';
import { configuredDirectory } from '../../src/main/configured-identity.ts';
import { openEmbeddedRecords, type Records } from '../../src/main/records.ts';
import type { Directory } from '../../src/ports/directory.port.ts';
import { quietLog } from '../policy/quiet-log.ts';
import { uniqueTaskQueue } from '../setup/task-queue.ts';
import { type ManualClock, manualClock } from '../unit/api/manual-clock.ts';
import { audience, clientId, clientSecret, startProvider, type TestProvider } from './oidc-provider.ts';

/** The API and the pages as `countersign up` composes them, with an identity provider that is as real. */
export interface OidcSite {
  readonly url: string;
  readonly provider: TestProvider;
  readonly records: Records;
  readonly directory: Directory;
  readonly clock: ManualClock;
  /** What was logged, as text. */
  readonly logged: string[];
  subject(account: string): string;
  stop(): Promise<void>;
}

/** With a public address where browsers come through a proxy. */
export async function startOidcSite(
  environment: Readonly<Record<string, string>> = {},
  publicUrl?: string,
): Promise<OidcSite> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-oidc-'));
  const clock = manualClock(Date.now());
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const provider = await startProvider(`${publicUrl ?? url}/login/callback`);
  const signIn = signInFrom({
    COUNTERSIGN_PUBLIC_URL: publicUrl ?? url,
    COUNTERSIGN_OIDC_ISSUER: provider.issuer,
    COUNTERSIGN_OIDC_CLIENT_ID: clientId,
    COUNTERSIGN_OIDC_CLIENT_SECRET: clientSecret,
    COUNTERSIGN_OIDC_AUDIENCE: audience,
    ...environment,
  });
  const records = await openEmbeddedRecords(folder, {
    cacheFolder: join(tmpdir(), 'countersign-test-cache'),
    durability: 'process',
  });
  const logged: string[] = [];
  const note = (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const log = { info: note, warn: note, error: note };
  const quiet = quietLog();
  const catalogue = await openCatalogue({ folder: 'agents', lastGood: join(folder, 'good-agents'), log: quiet });
  const policy = await openPolicies({ folder: 'policies', catalogue, lastGood: join(folder, 'good'), log: quiet });
  const { people } = records.storage;
  const directory = await configuredDirectory(signIn, { people, clock, tenant: 'default' });
  const { address, namespace } = inject('temporal');
  const api = await composeApi({
    records,
    catalogue,
    policy,
    directory,
    clock,
    temporal: {
      address,
      namespace,
      uiUrl: '',
      taskQueue: uniqueTaskQueue('oidc'),
      dataConverter: createDataConverter({ keys: records.keys, tenant: 'default' }),
    },
    dataFolder: folder,
    host: '127.0.0.1',
    port,
    version: 'test',
    log,
    signIn,
  });
  return {
    url,
    provider,
    records,
    directory,
    clock,
    logged,
    subject: (account) => `${provider.issuer}#${account}`,
    async stop() {
      await api.stop();
      await provider.close();
      await records.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** As the server reads it from its environment. */
export function signInFrom(environment: Readonly<Record<string, string>>): SignInConfiguration {
  const { signIn } = readConfiguration(environment);
  if (signIn === undefined) throw new Error('the environment names no identity provider');
  return signIn;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
