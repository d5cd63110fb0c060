import { createHash } from 'node:crypto';
import { searchAttributes } from './search-attributes.ts';

export interface DevServerOptions {
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
  /** Where the pages of the Temporal UI find the decrypted payloads. */
  readonly codecEndpoint: string | undefined;
}

/**
 * The dev server polls its queues 20 times a second, which costs each task about 45 ms. Measured on two busy cores:
 * a step of two activities 290 → 58 ms, throughput with 32 at once six times as high. Wider shard I/O, larger
 * SQLite caches, `synchronous=off` and a lazier garbage collector brought nothing that stood out.
 */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': 5000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'history.outboundProcessorMaxPollRPS': 2000,
  'system.enableActivityEagerExecution': true,
} as const;

/**
 * The server's HTTP API takes a plain POST from any page in a browser of this machine, which could end, signal and start
 * workflows without being seen. It cannot be switched off, so it answers for a name that nobody can have (RFC 2606).
 */
const closedHttpApi = 'frontend.httpAllowedHosts=["countersign.invalid"]';

/** Write-ahead logging halves a commit and stays safe under kill -9; only a power cut may lose the last moments. */
const sqlitePragmas = ['journal_mode=wal', 'synchronous=normal'] as const;

/** The flag that names the database; a running server is recognised by it. */
export const databaseFlag = '--db-filename';

/**
 * An empty namespace that only the server on this database has. It tells our server from any other program that
 * happens to answer on the port: a free port may be taken before our server binds it.
 */
export function identifyingNamespace(databaseFile: string): string {
  return `data-${createHash('sha256').update(databaseFile).digest('hex').slice(0, 16)}`;
}

export function devServerArguments({ databaseFile, port, uiPort, codecEndpoint }: DevServerOptions): string[] {
  const flags: readonly (readonly string[])[] = [
    ['--ip', '127.0.0.1'],
    ['--port', String(port)],
    ['--ui-port', String(uiPort)],
    [databaseFlag, databaseFile],
    ['--namespace', identifyingNamespace(databaseFile)],
    ...sqlitePragmas.map((pragma) => ['--sqlite-pragma', pragma]),
    ...searchAttributes.map((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries(dynamicConfig).map(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ['--dynamic-config-value', closedHttpApi],
    codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint],
    ['--log-level', 'warn'],
    ['--log-format', 'json'],
    ['--color', 'never'],
  ];
  return ['server', 'start-dev', ...flags.flat()];
}
