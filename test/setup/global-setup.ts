import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestProject } from 'vitest/node';
import { openTemporal } from '../../src/adapters/temporal-server/open-temporal.ts';
import { endAbandonedServers, testFolderPrefix } from './abandoned-servers.ts';
import { findBrowser } from './browser.ts';
import './provided-context.ts';
import { temporalSettings } from './temporal-settings.ts';

/** One Temporal server for the whole test run, on free ports and a folder of its own. */
export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  const progress = (sentence: string) => process.stderr.write(`${sentence}\n`);
  await endAbandonedServers();
  // Installing it can take minutes, which no test has; a test that needs it and has it not says so itself.
  await findBrowser().catch((error: Error) => progress(error.message));
  const dataFolder = await mkdtemp(join(tmpdir(), `${testFolderPrefix}${process.pid}-`));
  const server = await openTemporal({ settings: temporalSettings(), dataFolder, ports: { grpc: 0, ui: 0 }, progress });
  project.provide('temporal', { address: server.address, namespace: server.namespace });
  return async () => {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}
