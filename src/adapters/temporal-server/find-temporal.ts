import { delimiter } from 'node:path';
import { CountersignError } from '../../domain/countersign-error.ts';
import { cachedTemporal } from './cached-temporal.ts';
import { downloadTemporal } from './download-temporal.ts';
import { findExecutable } from './find-executable.ts';
import { installTemporalWithGo } from './install-temporal-with-go.ts';
import { runsStartDev } from './runs-start-dev.ts';
import type { FoundTemporal, Progress, TemporalSettings } from './temporal-settings.ts';

/**
 * Finds a Temporal server, the cheapest way first: an address, the `temporal` command, our cache, the SDK's
 * download, a build with Go. The last two fill the cache.
 *
 * @throws CountersignError `temporal-not-found`, listing every way and why it did not work
 */
export async function findTemporal(settings: TemporalSettings, progress: Progress): Promise<FoundTemporal> {
  if (settings.address !== undefined) return { kind: 'running', address: settings.address };

  const onPath = await findExecutable('temporal', settings.searchPath);
  if (onPath !== undefined && (await runsStartDev(onPath))) return { kind: 'binary', file: onPath, origin: 'path' };

  const cached = await cachedTemporal(settings.cacheFolder);
  if (cached !== undefined) return { kind: 'binary', file: cached, origin: 'cache' };

  progress('No Temporal server on this machine yet; getting one, once.');
  const download = await downloadTemporal(settings.cacheFolder, progress);
  if (download.ok) return { kind: 'binary', file: download.file, origin: 'download' };

  progress(`The ready-made server is not to be had (${download.reason}); trying Go.`);
  const go = await findExecutable('go', [settings.searchPath, '/usr/local/go/bin'].join(delimiter));
  const built = await installTemporalWithGo({ ...settings, go, progress });
  if (built.ok) return { kind: 'binary', file: built.file, origin: 'go-install' };

  throw new CountersignError('temporal-not-found', { message: everyWay(settings, download.reason, built.reason) });
}

function everyWay(settings: TemporalSettings, downloadReason: string, goReason: string): string {
  return [
    'No Temporal server could be found or installed. Any one of these helps:',
    '  1. TEMPORAL_ADDRESS=host:port of a server that runs (not set now)',
    '  2. the `temporal` command on the PATH: https://docs.temporal.io/cli (not there, or it does not start)',
    `  3. the ready-made server, by download (${downloadReason})`,
    `  4. Go 1.23 or later on the PATH, to build it once in about five minutes (${goReason})`,
    `  5. the \`temporal\` binary copied into ${settings.cacheFolder}/temporal/`,
  ].join('\n');
}
