import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admit, openStorage } from '../unit/storage/storage-fixture.ts';

const child = fileURLToPath(new URL('storage-child.ts', import.meta.url));
const run = 'killed';
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-kill-'));
  const storage = await openStorage(home);
  await admit(storage, run);
  await storage.database.close();
}, 60_000);

afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs the child, kills it some milliseconds after so many acknowledgements, and returns all it had given. */
async function acknowledgedBeforeKill(
  first: number,
  enough: number,
  thenMs: number,
): Promise<{ reserved: string[]; landed: string[] }> {
  const running = spawn(process.execPath, [child, home, run, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  let output = '';
  let doomed = false;
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (doomed || output.split('\n').length <= enough) return;
    doomed = true;
    setTimeout(() => running.kill('SIGKILL'), thenMs);
  });
  await ended;
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  const said = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return { reserved: said('reserved'), landed: said('landed') };
}

test('a kill at any moment loses nothing that was acknowledged, and leaves no half transition', async () => {
  let first = 0;
  const reserved = new Set<string>();
  const landed = new Set<string>();
  for (const [enough, thenMs] of [
    [1, 3],
    [5, 0],
    [24, 1],
    [60, 2],
    [101, 5],
  ] as const) {
    const acknowledged = await acknowledgedBeforeKill(first, enough, thenMs);
    for (const callId of acknowledged.reserved) reserved.add(callId);
    for (const callId of acknowledged.landed) landed.add(callId);
    first += 10_000;

    const storage = await openStorage(home);
    const rows = await storage.ledger.ofRun('default', run);
    const states = new Map(rows.map((row) => [row.key.split('/').at(-1) ?? '', row.state]));
    expect([...reserved].filter((callId) => !states.has(callId))).toEqual([]);
    expect([...landed].filter((callId) => states.get(callId) !== 'landed')).toEqual([]);

    const records = await storage.outbox.ofRun('default', run, 0, 1_000_000);
    const named = (kind: string) =>
      records.filter((record) => record.kind === kind).map((record) => record.body['name']);
    expect(new Set(named('effect-reserved'))).toEqual(new Set(states.keys()));
    expect(new Set(named('effect-landed'))).toEqual(
      new Set([...states].filter(([, state]) => state === 'landed').map(([callId]) => callId)),
    );
    expect(await storage.ledger.standing('default', run)).toMatchObject({ totalCalls: rows.length });
    const { nonces } = await storage.database.db
      .selectFrom('spent_nonces')
      .select((select) => select.fn.countAll<number>().as('nonces'))
      .executeTakeFirstOrThrow();
    expect(nonces).toBe(rows.length);
    await storage.database.close();
  }
  expect(landed.size).toBeGreaterThan(10);
}, 120_000);
