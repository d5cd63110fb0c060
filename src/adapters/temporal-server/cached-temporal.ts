import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { runsStartDev } from './runs-start-dev.ts';

function temporalFolder(cacheFolder: string): string {
  return join(cacheFolder, 'temporal');
}

function cacheFile(cacheFolder: string): string {
  return join(temporalFolder(cacheFolder), 'temporal');
}

/** The server binary that an earlier set-up left in our cache, if it still runs. */
export async function cachedTemporal(cacheFolder: string): Promise<string | undefined> {
  const file = cacheFile(cacheFolder);
  return (await runsStartDev(file)) ? file : undefined;
}

/** A folder beside the cached binary, so that moving from it is one rename; removed afterwards, also after a failure. */
export async function withBuildFolder<T>(cacheFolder: string, build: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(temporalFolder(cacheFolder), `build-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    return await build(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts a binary into the cache in one step: two set-ups at once leave one of the two, never half a file. */
export async function keepTemporal(cacheFolder: string, binary: string): Promise<string> {
  const file = cacheFile(cacheFolder);
  const staged = `${file}.${process.pid}`;
  await copyFile(binary, staged);
  await chmod(staged, 0o755);
  await rename(staged, file);
  return file;
}
