import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { findDataFolderOwner } from '../../adapters/data-folder/open-data-folder.ts';
import { overLoopback } from '../server/find-server.ts';
import { isPortFree } from '../server/free-ports.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const answersWithinMs = 3_000;

/** The data folder: who may enter it, and whether the server that owns it can start runs. */
export async function checkDataFolder(folder: string): Promise<Finding> {
  const name = 'Data folder';
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return ok(name, `${folder} is not there yet; the first start makes it`);
  if (!found.isDirectory())
    return fail(name, `${folder} is no folder`, 'Choose another one with --data DIR or COUNTERSIGN_DATA.');
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    return fail(name, `others may enter ${folder}`, `chmod 700 ${folder}`);
  const owner = await findDataFolderOwner(folder);
  if (owner === undefined) return ok(name, `${folder}; no server runs on it`);
  if (owner.url === undefined)
    return warn(name, `${folder}: the server, process ${owner.pid}, is still starting`, 'Ask again in a moment.');
  if (await isReady(overLoopback(owner.url)))
    return ok(name, `${folder}: the server at ${owner.url}, process ${owner.pid}, is ready`);
  return fail(
    name,
    `the server at ${owner.url}, process ${owner.pid}, cannot start runs`,
    `See ${join(folder, 'countersign.log')}, or end the process and start again.`,
  );
}

/** Every file that holds a key or a secret. */
export async function checkKeyFiles(folder: string): Promise<Finding> {
  const name = 'Key files';
  const keys = (await readdir(join(folder, 'keys'), { recursive: true }).catch(() => [])).map((file) =>
    join('keys', file),
  );
  const files = [...keys, 'owner-secret', 'dev-token-key.json'];
  const modes = await Promise.all(
    files.map(async (file) => ({
      file: join(folder, file),
      found: await stat(join(folder, file)).catch(() => undefined),
    })),
  );
  const present = modes.flatMap(({ file, found }) => (found?.isFile() ? [{ file, mode: found.mode }] : []));
  const open =
    process.platform === 'win32' ? [] : present.filter(({ mode }) => (mode & 0o077) !== 0).map(({ file }) => file);
  if (open.length > 0)
    return fail(
      name,
      `${open.length} can be read by others; a server does not start on them`,
      `chmod 600 ${open.join(' ')}`,
    );
  return ok(
    name,
    present.length === 0 ? 'none yet; they are made on first use' : `${present.length}, for their owner alone`,
  );
}

/** A port that our own server has is as it should be. */
export async function checkPorts(folder: string, port: number): Promise<Finding> {
  const name = 'Ports';
  const owner = await findDataFolderOwner(folder);
  if (owner !== undefined) return ok(name, 'in use by the server that runs');
  if (port === 0) return ok(name, 'any free one is taken');
  const taken = [];
  for (const one of [port, port + 1]) if (!(await isPortFree(one))) taken.push(one);
  if (taken.length === 0) return ok(name, `${port} and ${port + 1} are free`);
  return warn(
    name,
    `another program has ${taken.join(' and ')}`,
    'Choose another with --port N or COUNTERSIGN_PORT; the demo does so by itself.',
  );
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answersWithinMs) }).catch(() => undefined);
  return answer?.status === 200;
}
