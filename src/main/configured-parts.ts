import { createOpenAiCompatibleModel } from '../adapters/model-openai-compatible/create-openai-compatible-model.ts';
import { createRehearsalModel } from '../adapters/model-rehearsal/create-rehearsal-model.ts';
import { type FileNudgeChannels, openNudgeChannels } from '../adapters/nudge-channels-file/open-nudge-channels.ts';
import type { TemporalSettings } from '../adapters/temporal-server/temporal-settings.ts';
import { userCacheFolder } from '../adapters/temporal-server/user-cache-folder.ts';
import type { Configuration } from '../config/configuration.ts';
import { referredSecret } from '../config/secret.ts';
import type { ModelPort } from '../ports/model.port.ts';
import type { ServerLog } from './server-log.ts';

/** The model that the configuration names, or the rehearsal model where it names none. */
export function configuredModel({ model }: Configuration): ModelPort {
  if (model === undefined) return createRehearsalModel();
  const { apiKey, ...settings } = model;
  return createOpenAiCompatibleModel({ ...settings, ...(apiKey === undefined ? {} : { apiKey: apiKey.reveal() }) });
}

export function temporalSettings({ temporal, surroundings }: Configuration): TemporalSettings {
  return {
    address: temporal.address,
    searchPath: surroundings.searchPath,
    cacheFolder: userCacheFolder({ xdgCacheHome: surroundings.xdgCacheHome, home: surroundings.home }),
    childEnvironment: surroundings.childEnvironment,
  };
}

/** Who is told of questions; undefined where no file is named. Fails with `invalid-configuration`. */
export async function configuredNudges(
  { nudgesFile, secrets }: Configuration,
  lastGood: string,
  log: ServerLog,
): Promise<FileNudgeChannels | undefined> {
  if (nudgesFile === undefined) return undefined;
  return openNudgeChannels({
    path: nudgesFile,
    lastGood,
    readSecret: (reference) => referredSecret(reference, secrets),
    log,
  });
}
