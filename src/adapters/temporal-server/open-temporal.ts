import { connectTemporal } from './connect-temporal.ts';
import { findTemporal } from './find-temporal.ts';
import { type StartTemporal, startTemporalServer } from './start-temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';
import type { TemporalSettings } from './temporal-settings.ts';

export interface OpenTemporal extends Omit<StartTemporal, 'file'> {
  readonly settings: TemporalSettings;
  /** Of a server that is already there; one of our own serves `default`. */
  readonly namespace?: string;
}

/**
 * A Temporal server to work with: the configured one, or one of our own on the data folder.
 *
 * @throws CountersignError `temporal-not-found`, `unavailable`
 */
export async function openTemporal({ settings, namespace, ...start }: OpenTemporal): Promise<TemporalServer> {
  const found = await findTemporal(settings, start.progress);
  if (found.kind === 'running') return connectTemporal(found.address, namespace ?? 'default');
  return startTemporalServer({ ...start, file: found.file });
}
