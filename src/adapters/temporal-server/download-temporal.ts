import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepTemporal, withBuildFolder } from './cached-temporal.ts';
import { runsStartDev } from './runs-start-dev.ts';
import type { Progress } from './temporal-settings.ts';

const downloadHost = 'https://temporal.download';
const reachableWithinMs = 5000;
const downloadWithinMs = 5 * 60_000;

export type Acquired = { readonly ok: true; readonly file: string } | { readonly ok: false; readonly reason: string };

/**
 * Lets the SDK download the CLI that it was made for. Asks the host first: without a way out, the SDK would wait
 * long for an answer that does not come.
 */
export async function downloadTemporal(cacheFolder: string, progress: Progress): Promise<Acquired> {
  const refusal = await whyUnreachable();
  if (refusal !== undefined) return { ok: false, reason: refusal };
  progress('Downloading the Temporal server (about 60 MB) …');
  return withBuildFolder(cacheFolder, async (folder) => {
    try {
      await Promise.race([downloadInto(folder), tooLate()]);
      return await keepDownload(cacheFolder, folder);
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : 'the download failed' };
    }
  });
}

async function whyUnreachable(): Promise<string | undefined> {
  try {
    await fetch(downloadHost, { method: 'HEAD', signal: AbortSignal.timeout(reachableWithinMs) });
    return undefined;
  } catch {
    return `${downloadHost} does not answer`;
  }
}

/** The SDK has no call that only downloads: start a server, and end it. */
async function downloadInto(folder: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  });
  await environment.teardown();
}

async function tooLate(): Promise<never> {
  await pause(downloadWithinMs, undefined, { ref: false });
  throw new Error(`no download within ${downloadWithinMs / 60_000} minutes`);
}

async function keepDownload(cacheFolder: string, folder: string): Promise<Acquired> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (await runsStartDev(file)) return { ok: true, file: await keepTemporal(cacheFolder, file) };
  }
  return { ok: false, reason: 'what was downloaded does not run here' };
}
