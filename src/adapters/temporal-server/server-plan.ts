import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { devServerArguments, identifyingNamespace } from './dev-server-arguments.ts';
import type { Readiness } from './server-readiness.ts';
import type { ServerRecord } from './server-record.ts';

/** 0: any free port. */
export interface ServerPorts {
  readonly grpc: number;
  readonly ui: number;
}

/** What one start settles on, whether it ends in a new server or in an adopted one. */
export interface ServerPlan {
  readonly ports: ServerPorts;
  readonly databaseFile: string;
  readonly recordFile: string;
  readonly logFile: string;
  readonly codecEndpoint: string | undefined;
  readonly settingsDigest: string;
}

export async function planServer(
  dataFolder: string,
  ports: ServerPorts,
  codecEndpoint: string | undefined,
): Promise<ServerPlan> {
  const folder = join(dataFolder, 'temporal');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const real = await realpath(folder); // one name for one file, so that a running server is recognised by it
  const databaseFile = join(real, 'temporal.db');
  const settings = devServerArguments({ databaseFile, port: 0, uiPort: 0, codecEndpoint });
  return {
    ports,
    databaseFile,
    recordFile: join(real, 'server.json'),
    logFile: join(real, 'server.log'),
    codecEndpoint,
    settingsDigest: createHash('sha256').update(JSON.stringify(settings)).digest('hex'),
  };
}

export function addressOf(record: ServerRecord): string {
  return `127.0.0.1:${record.port}`;
}

/** What the server on record must answer to be believed. */
export function readinessOf(record: ServerRecord): Pick<Readiness, 'address' | 'namespace' | 'identifiedBy'> {
  return { address: addressOf(record), namespace: 'default', identifiedBy: identifyingNamespace(record.databaseFile) };
}
