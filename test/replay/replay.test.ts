import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  type ReplayWorkerOptions,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDataConverter, failureConverterPath } from '../../src/adapters/codec-aes-gcm/create-data-converter.ts';
import { openFileKeys } from '../../src/adapters/keys-file/open-file-keys.ts';
import { workflowCode } from '../../src/main/workflow-code.ts';
import { writeReplayKeys } from './replay-keys.ts';

const histories = fileURLToPath(new URL('histories', import.meta.url));
const recorded = (await readdir(histories, { recursive: true })).filter((name) => name.endsWith('.json')).sort();

const quiet = new DefaultLogger('ERROR', () => undefined);

let folder: string;
let dataConverter: NonNullable<ReplayWorkerOptions['dataConverter']>;

beforeAll(async () => {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: quiet, telemetryOptions: { logging: { filter } } });
  folder = await mkdtemp(join(tmpdir(), 'countersign-replay-'));
  await writeReplayKeys(folder);
  dataConverter = createDataConverter({ keys: await openFileKeys(folder), tenant: 'default' });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function historyOf(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(histories, name), 'utf8'));
}

async function* all() {
  for (const name of recorded) yield { workflowId: name, history: await historyOf(name) };
}

describe('the histories of earlier runs', () => {
  test('replay with the workflow code of today', async () => {
    const workflowBundle = await workflowCode(join(tmpdir(), 'countersign-test-cache'));
    const results: Record<string, unknown> = {};
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, dataConverter }, all())) {
      results[workflowId] = error ?? 'replayed';
    }
    expect(results).toEqual(Object.fromEntries(recorded.map((name) => [name, 'replayed'])));
  }, 120_000);

  test('are of every kind: with and without people, continued, carried over, cancelled, failed', () => {
    const kinds = new Set(recorded.map((name) => name.split('/').at(-1)?.replace('.json', '')));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'plain',
        'approved',
        'expired',
        'cancelled',
        'without-mandate',
        'continued-first',
        'continued-last',
        'carried-approval',
        'steered',
      ]),
    );
  });

  test('hold no payload in plain text but what the Temporal UI may show', async () => {
    const sealed = Buffer.from('binary/countersign-v1').toString('base64');
    for (const name of recorded) {
      const encodings = new Set(payloadsIn(await historyOf(name), '').map(({ encoding }) => encoding));
      expect({ name, encodings: [...encodings] }).toEqual({ name, encodings: [sealed] });
    }
  });

  test('say of a local activity in plain text which one it was and when, and no more', async () => {
    const told = [];
    for (const name of recorded) told.push(...markersIn(await historyOf(name)));
    expect(told.length).toBeGreaterThan(0);
    for (const data of told) {
      expect(Object.keys(data).toSorted()).toEqual([
        'activity_id',
        'activity_type',
        'attempt',
        'backoff',
        'complete_time',
        'original_schedule_time',
        'seq',
      ]);
      expect(data['activity_type']).toBe('settleApproval');
    }
  });

  test('do not replay with code that does the same in another order', async () => {
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('changed-order/agent-run.workflow.ts', import.meta.url)),
      failureConverterPath,
      logger: quiet,
    });
    const plain = recorded.find((name) => name.endsWith('/plain.json')) ?? '';
    const replaying = Worker.runReplayHistory(
      { workflowBundle, dataConverter },
      await historyOf(plain),
      'default/plain',
    );
    await expect(replaying).rejects.toBeInstanceOf(DeterminismViolationError);
  }, 120_000);
});

/** What the SDK notes of each local activity. */
function markersIn(value: unknown, path = ''): readonly Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  if (path.endsWith(`${markerData}/payloads/0`) && 'data' in value && typeof value.data === 'string')
    return [JSON.parse(Buffer.from(value.data, 'base64').toString('utf8'))];
  return Object.entries(value).flatMap(([name, item]) => markersIn(item, `${path}/${name}`));
}

interface FoundPayload {
  readonly path: string;
  readonly encoding: string;
}

const markerData = '/markerRecordedEventAttributes/details/data';

/** Every payload of a history, without what is for the server or the SDK to read: search attributes, and a marker's own data. */
function payloadsIn(value: unknown, path: string): readonly FoundPayload[] {
  if (typeof value !== 'object' || value === null || path.endsWith('/searchAttributes')) return [];
  if (path.endsWith(markerData)) return [];
  const encoding = encodingOf(value);
  if (encoding !== undefined) return [{ path, encoding }];
  return Object.entries(value).flatMap(([name, item]) => payloadsIn(item, `${path}/${name}`));
}

function encodingOf(value: object): string | undefined {
  if (!('metadata' in value) || typeof value.metadata !== 'object' || value.metadata === null) return undefined;
  return 'encoding' in value.metadata && typeof value.metadata.encoding === 'string'
    ? value.metadata.encoding
    : undefined;
}
