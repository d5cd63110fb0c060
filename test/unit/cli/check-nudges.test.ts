import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkNudges, standingFinding } from '../../../src/cli/doctor/check-nudges.ts';
import { readConfiguration } from '../../../src/config/read-configuration.ts';
import { signingKey } from '../nudges/nudge-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-nudges-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quiet = { due: 0, retrying: 0, sent: 12, failed: 0, unaddressed: 0 };
const lastFailure = { channel: 'chat', code: 'http-404', at: '2026-03-01T10:00:00.000Z' };
const soonAfter = Date.parse('2026-03-01T11:00:00.000Z');

async function check(text: string | undefined) {
  const file = join(folder, 'nudges.yaml');
  if (text !== undefined) await writeFile(file, text);
  const env = { ...(text !== undefined && { COUNTERSIGN_NUDGES: file }), COUNTERSIGN_SECRET_KEY: signingKey };
  return checkNudges(readConfiguration(env), join(folder, 'data'));
}

const file = (url: string) =>
  `apiVersion: countersign/v1\nkind: Nudges\nwebhooks: { chat: { url: '${url}', key: env:COUNTERSIGN_SECRET_KEY } }\n`;

test('the doctor is content with no file, and with a good one', async () => {
  expect(await check(undefined)).toMatchObject({ state: 'ok' });
  expect(await check(file('https://chat.example.test/'))).toMatchObject({ state: 'ok' });
});

test('the doctor names what is wrong in a file, and quotes none of it', async () => {
  const finding = await check(file('ftp://planted.example.test/'));
  expect(finding).toMatchObject({ state: 'fail', details: [expect.stringContaining('webhooks/chat/url')] });
  expect(JSON.stringify(finding)).not.toContain('planted');
});

test.each([
  ['ok', quiet],
  ['warn', { ...quiet, due: 1, retrying: 1 }],
  ['warn', { ...quiet, failed: 1, lastFailure }],
  ['warn', { ...quiet, unaddressed: 2 }],
] as const)('the doctor says %s of %o', (state, standing) => {
  expect(standingFinding('1 channels', standing, soonAfter)).toMatchObject({
    state,
    text: expect.stringContaining('sent 12'),
  });
});

test('a failure of long ago is counted, and warned of no more', () => {
  const finding = standingFinding('1 channels', { ...quiet, failed: 1, lastFailure }, soonAfter + 7 * 86_400_000);
  expect(finding).toMatchObject({ state: 'ok', text: expect.stringContaining('http-404') });
});
