import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readServerRecord, writeServerRecord } from '../../../src/adapters/temporal-server/server-record.ts';

const record = {
  v: 1,
  pid: 4711,
  startedAt: 'boot:1',
  databaseFile: '/data/temporal.db',
  port: 7233,
  uiPort: 8233,
  settingsDigest: 'abc',
} as const;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-record-'));
  file = join(folder, 'server.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a record is read back as it was written, by its owner only', async () => {
  await writeServerRecord(file, record);
  expect(await readServerRecord(file)).toEqual(record);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ['nothing', ''],
  ['half a record', '{"v":1,"pid":47'],
  ['an unknown version', JSON.stringify({ ...record, v: 2 })],
  ['an unknown field', JSON.stringify({ ...record, extra: true })],
  ['a pid that names a process group', JSON.stringify({ ...record, pid: -1 })],
])('%s proves nothing about a server', async (_, text) => {
  await writeFile(file, text);
  expect(await readServerRecord(file)).toBeUndefined();
});
