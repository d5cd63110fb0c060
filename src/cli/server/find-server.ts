import { join } from 'node:path';
import { findDataFolderOwner } from '../../adapters/data-folder/open-data-folder.ts';
import type { Configuration } from '../../config/configuration.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { UsageError } from '../usage-error.ts';

/** Which server a command means, and as whom it speaks. */
export interface ServerOptions {
  readonly url?: string;
  readonly data?: string;
  readonly as?: string;
}

export interface FoundServer {
  /** Where to send requests, without a trailing slash. */
  readonly url: string;
  /** The same server as people reach it, for links. */
  readonly pages: string;
  /** The folder whose owner this is; undefined for a server that was named by its address. */
  readonly dataFolder: string | undefined;
}

/** Folder of the demo's data inside the default data folder. */
export const demoFolderName = 'demo';

/**
 * The server of `--url` or COUNTERSIGN_URL, or the one that owns the data folder. Without `--data` the demo's
 * counts too, where it is the only one that runs.
 *
 * @throws CountersignError `unavailable` where nothing runs
 */
export async function findServer({ url, data }: ServerOptions, configuration: Configuration): Promise<FoundServer> {
  if (url !== undefined && data !== undefined)
    throw new UsageError('--url and --data name two servers: give one of them.');
  if (url !== undefined) return named(checkedUrl(url));
  if (data === undefined && configuration.url !== undefined) return named(configuration.url);
  const folders =
    data === undefined ? [configuration.dataFolder, join(configuration.dataFolder, demoFolderName)] : [data];
  for (const dataFolder of folders) {
    const owner = await findDataFolderOwner(dataFolder);
    if (owner?.url !== undefined) return { url: overLoopback(owner.url), pages: owner.url, dataFolder };
    if (owner !== undefined)
      throw new CountersignError('unavailable', {
        message: `The server on ${dataFolder}, process ${owner.pid}, is still starting.`,
      });
  }
  throw new CountersignError('unavailable', {
    message: `No server runs on the data folder ${folders[0] ?? ''}. Start one with \`countersign up\`.`,
  });
}

function named(url: string): FoundServer {
  return { url, pages: url, dataFolder: undefined };
}

/** The owner listens on 127.0.0.1; what answers at `localhost` over IPv6 may be somebody else's program. */
export function overLoopback(url: string): string {
  return url.replace(/^http:\/\/localhost(?=[:/]|$)/, 'http://127.0.0.1');
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '')
    return text.replace(/\/+$/, '');
  throw new UsageError('--url must be an http or https address without user name and password.');
}
