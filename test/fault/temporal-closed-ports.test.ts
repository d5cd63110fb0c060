import { mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { findTemporal } from '../../src/adapters/temporal-server/find-temporal.ts';
import { startTemporalServer } from '../../src/adapters/temporal-server/start-temporal-server.ts';
import { testFolderPrefix } from '../setup/abandoned-servers.ts';
import { temporalSettings } from '../setup/temporal-settings.ts';

/** The state of a listening socket in /proc/net/tcp. */
const listening = '0A';

/** Ports on which a process of this machine listens (Linux). */
async function portsOf(pid: number): Promise<readonly number[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => '')));
  const sockets = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === listening && sockets.has(inode) ? [Number.parseInt(local.split(':').at(-1) ?? '', 16)] : [];
    }),
  );
}

/** What a page of another site can make a browser send: no header of its own choice, and no permission asked for. */
async function terminateAsPage(port: number): Promise<string> {
  const address = `http://127.0.0.1:${port}/api/v1/namespaces/default/workflows/nobody/terminate`;
  const headers = { 'origin': 'http://other.example', 'content-type': 'text/plain' };
  const answer = await fetch(address, { method: 'POST', headers, body: '{}', signal: AbortSignal.timeout(5_000) });
  return answer.text();
}

test('no port of the Temporal server takes a request that a page of another site can send', async () => {
  const dataFolder = await realpath(await mkdtemp(join(tmpdir(), `${testFolderPrefix}${process.pid}-`)));
  const found = await findTemporal({ ...temporalSettings(), address: undefined }, () => undefined);
  if (found.kind !== 'binary') throw new Error('an address was not asked for');
  const ports = { grpc: 0, ui: 0 };
  const server = await startTemporalServer({ file: found.file, dataFolder, ports, progress: () => undefined });
  try {
    const open = await portsOf(server.pid ?? 0);
    expect(open).toContain(Number(server.address.split(':').at(-1)));
    expect(open.length).toBeGreaterThan(2);
    const answers = await Promise.all(open.map((port) => terminateAsPage(port).catch(() => 'no HTTP')));
    expect(answers.filter((text) => text.includes('workflow not found'))).toEqual([]);
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
