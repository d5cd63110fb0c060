import { readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, identifyProcess } from '../../src/adapters/temporal-server/process-identity.ts';
import { serversOnFile } from '../../src/adapters/temporal-server/servers-on-file.ts';

/** Folders of test runs are named after it and the pid of their run. */
export const testFolderPrefix = 'countersign-test-';

/** A test run that was killed leaves its server and its folder behind; the next run clears them away. */
export async function endAbandonedServers(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(testFolderPrefix));
  for (const name of names) {
    const run = Number.parseInt(name.slice(testFolderPrefix.length), 10);
    if (Number.isNaN(run) || (await identifyProcess(run)) !== undefined) continue;
    const folder = await realpath(join(tmpdir(), name));
    for (const server of await serversOnFile(join(folder, 'temporal', 'temporal.db'))) await endProcess(server, 5000);
    await rm(folder, { recursive: true, force: true });
  }
}
