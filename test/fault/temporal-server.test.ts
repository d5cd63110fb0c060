import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTemporal } from '../../src/adapters/temporal-server/find-temporal.ts';
import { readServerRecord, writeServerRecord } from '../../src/adapters/temporal-server/server-record.ts';
import { serversOnFile } from '../../src/adapters/temporal-server/servers-on-file.ts';
import { startTemporalServer } from '../../src/adapters/temporal-server/start-temporal-server.ts';
import type { TemporalServer } from '../../src/adapters/temporal-server/temporal-server.ts';
import { testFolderPrefix } from '../setup/abandoned-servers.ts';
import { temporalSettings } from '../setup/temporal-settings.ts';

const silent = () => undefined;
const starter = new URL('./temporal-server-starter.ts', import.meta.url).pathname;

describe('the embedded Temporal server', () => {
  let dataFolder: string;
  let file: string;
  let server: TemporalServer | undefined;

  beforeEach(async () => {
    dataFolder = await realpath(await mkdtemp(join(tmpdir(), `${testFolderPrefix}${process.pid}-`)));
    const found = await findTemporal({ ...temporalSettings(), address: undefined }, silent);
    if (found.kind !== 'binary') throw new Error('an address was not asked for');
    file = found.file;
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(dataFolder, { recursive: true, force: true });
  });

  const ports = { grpc: 0, ui: 0 };
  const start = (options = {}) => startTemporalServer({ file, dataFolder, ports, progress: silent, ...options });
  const onFile = () => serversOnFile(join(dataFolder, 'temporal', 'temporal.db'));
  const recordFile = () => join(dataFolder, 'temporal', 'server.json');

  /** Starts the server in a process of its own and kills that process, which leaves the server behind. */
  const startAndDie = async () => {
    const parent = spawn(process.execPath, [starter, file, dataFolder], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [, signal] = await once(parent, 'exit');
    expect(signal).toBe('SIGKILL');
  };

  test('a stopped server is gone, and so is its record', async () => {
    server = await start();
    expect(await onFile()).toHaveLength(1);
    await server.stop();
    await server.whenEnded;
    expect(await onFile()).toEqual([]);
    expect(await readServerRecord(recordFile())).toBeUndefined();
  });

  test('runs survive a restart of the server', async () => {
    server = await start();
    await startWorkflow(server.address, 'kept');
    await server.stop();
    server = await start();
    expect(await statusOf(server.address, 'kept')).toBe('RUNNING');
  });

  test('a server orphaned by a kill -9 is adopted with its runs', async () => {
    await startAndDie();
    const [orphan] = await onFile();
    server = await start();
    expect(server.pid).toBe(orphan?.pid);
    expect(await onFile()).toHaveLength(1);
    await startWorkflow(server.address, 'adopted');
    expect(await statusOf(server.address, 'adopted')).toBe('RUNNING');
  });

  test('an orphan that no record names is ended before another server opens its database', async () => {
    await startAndDie();
    const [orphan] = await onFile();
    await rm(recordFile());
    server = await start();
    expect(server.pid).not.toBe(orphan?.pid);
    expect((await onFile()).map(({ pid }) => pid)).toEqual([server.pid]);
  });

  test('an orphan that was started otherwise is replaced', async () => {
    await startAndDie();
    const [orphan] = await onFile();
    server = await start({ codecEndpoint: 'http://127.0.0.1:7071' });
    expect((await onFile()).map(({ pid }) => pid)).toEqual([server.pid]);
    expect(server.pid).not.toBe(orphan?.pid);
  });

  test('a record whose pid now belongs to another process ends nothing', async () => {
    await startAndDie();
    const record = await readServerRecord(recordFile());
    const [orphan] = await onFile();
    if (record === undefined || orphan === undefined) throw new Error('the orphan left no record');
    const bystander = spawn('sleep', ['60']);
    await once(bystander, 'spawn');
    await writeServerRecord(recordFile(), { ...record, pid: bystander.pid ?? 0 });
    server = await start();
    expect((await onFile()).map(({ pid }) => pid)).toEqual([server.pid]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGKILL');
  });

  test('an orphan that hangs is ended, and its database goes on', async () => {
    await startAndDie();
    const [orphan] = await onFile();
    if (orphan === undefined) throw new Error('there is no orphan');
    process.kill(orphan.pid, 'SIGSTOP');
    server = await start();
    expect((await onFile()).map(({ pid }) => pid)).toEqual([server.pid]);
  });

  test('a server that dies is noticed', async () => {
    server = await start();
    process.kill(server.pid ?? 0, 'SIGKILL');
    await server.whenEnded;
    expect(await onFile()).toEqual([]);
  });

  test('a taken port is refused with a code, and leaves no server behind', async () => {
    server = await start();
    const port = Number(server.address.split(':')[1]);
    const elsewhere = join(dataFolder, 'elsewhere');
    const second = startTemporalServer({
      file,
      dataFolder: elsewhere,
      ports: { grpc: port, ui: port + 1 },
      progress: silent,
    });
    await expect(second).rejects.toMatchObject({ code: 'unavailable' });
    expect(await serversOnFile(join(elsewhere, 'temporal', 'temporal.db'))).toEqual([]);
    expect(await onFile()).toHaveLength(1);
  });

  test('it listens on loopback only', async () => {
    server = await start();
    expect(new URL(server.uiUrl ?? '').hostname).toBe('127.0.0.1');
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
  });
});

async function startWorkflow(address: string, workflowId: string): Promise<void> {
  await withClient(address, (client) => client.workflow.start('nobodyRunsIt', { workflowId, taskQueue: 'nobody' }));
}

function statusOf(address: string, workflowId: string): Promise<string> {
  return withClient(address, async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
