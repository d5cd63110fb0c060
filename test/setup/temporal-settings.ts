import { homedir } from 'node:os';
import process from 'node:process';
import type { TemporalSettings } from '../../src/adapters/temporal-server/temporal-settings.ts';
import { userCacheFolder } from '../../src/adapters/temporal-server/user-cache-folder.ts';

/** Where tests get their Temporal server from: the same ways, in the same order, as the product. */
export function temporalSettings(): TemporalSettings {
  const { TEMPORAL_ADDRESS, PATH, XDG_CACHE_HOME } = process.env;
  return {
    address: TEMPORAL_ADDRESS === '' ? undefined : TEMPORAL_ADDRESS,
    searchPath: PATH ?? '',
    cacheFolder: userCacheFolder({ xdgCacheHome: XDG_CACHE_HOME, home: homedir() }),
    childEnvironment: process.env,
  };
}
