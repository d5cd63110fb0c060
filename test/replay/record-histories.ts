/**
 * Records the histories that `replay.test.ts` replays, from real runs on a real Temporal server:
 *
 *     node scripts/bootstrap.mjs test/replay/record-histories.ts
 *
 * They go to a folder named after the version in package.json. The folder of a version that was released is never
 * recorded again: its histories are the runs that people have under way, and new code must replay them. Where it does
 * not, the workflow needs a patch marker, not a new recording.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { openTemporal } from '../../src/adapters/temporal-server/open-temporal.ts';
import { temporalSettings } from '../setup/temporal-settings.ts';
import { startGoverned } from '../support/governed.ts';
import { recordedRuns } from './recorded-runs.ts';
import { writeReplayKeys } from './replay-keys.ts';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
const histories = join(import.meta.dirname, 'histories', version);
const dataFolder = await mkdtemp(join(tmpdir(), 'countersign-record-'));
const progress = (sentence: string) => process.stderr.write(`${sentence}\n`);
const server = await openTemporal({ settings: temporalSettings(), dataFolder, ports: { grpc: 0, ui: 0 }, progress });
try {
  await mkdir(histories, { recursive: true });
  for (const { settings, record } of recordedRuns) {
    const temporal = { address: server.address, namespace: server.namespace };
    const prepare = (folder: string) => writeReplayKeys(join(folder, 'keys'));
    const at = await startGoverned({ ...settings, temporal, prepare });
    try {
      for (const [name, history] of Object.entries(await record(at))) {
        await writeFile(join(histories, `${name}.json`), `${historyToJSON(history)}\n`);
        progress(`${name}: ${history.events?.length ?? 0} events`);
      }
    } finally {
      await at.stop();
    }
  }
} finally {
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true });
}
