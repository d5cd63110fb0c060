import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDesk } from '../contract/invoice-desk-process.ts';
import { demoLedger, type LedgerLine } from '../support/demo-ledger.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** CI raises it to 30. */
const kills = Number(process.env['COUNTERSIGN_TEST_KILLS'] ?? 8);
const seed = Number(process.env['COUNTERSIGN_TEST_SEED'] ?? 20_261_123);
/** A kill falls between the first instruction of the process and this; a whole demo takes about as long. */
const latestKillMs = 16_000;

interface Outcome {
  readonly payments: readonly string[];
  readonly ledger: readonly LedgerLine[];
}

const folders: string[] = [];
let undisturbed: Outcome;

beforeAll(async () => {
  const folder = await newFolder();
  await expectGood(await exitOf(startDemo(folder)), folder);
  undisturbed = await outcomeOf(folder);
}, 180_000);

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 }))));

describe(`the demo, killed ${kills} times with seed ${seed}`, () => {
  test(
    'pays every payment exactly once, none without a decision, and ends with the same ledger',
    async () => {
      const random = seededRandom(seed);
      let folder = await newFolder();
      let killed = 0;
      while (killed < kills) {
        const demo = startDemo(folder);
        const moment = Math.floor(random() * latestKillMs);
        const ended = await Promise.race([exitOf(demo), pause(moment, 'still running' as const)]);
        if (ended === 'still running') {
          demo.kill('SIGKILL');
          await exitOf(demo);
          killed += 1;
          continue;
        }
        // it got through between two kills: what it left is judged, and the next one begins anew
        await expectGood(ended, folder);
        expect(await outcomeOf(folder)).toEqual(undisturbed);
        folder = await newFolder();
      }
      expect(await exitOf(startDemo(folder))).toBe(0);
      expect(await outcomeOf(folder)).toEqual(undisturbed);
    },
    60_000 + kills * 40_000,
  );
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-killed-'));
  folders.push(folder);
  return folder;
}

function startDemo(folder: string): ChildProcess {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const args = [main, 'demo', '--yes', '--json', '--data', folder, '--port', '0', '--desk-port', '0'];
  return spawn(process.execPath, args, { stdio: ['ignore', openSync(saidBy(folder), 'w'), 'inherit'] });
}

/** What the last demo on a folder said; shown where it ends as it should not. */
const saidBy = (folder: string) => `${folder}.said`;

async function expectGood(code: number | null, folder: string): Promise<void> {
  if (code === 0) return;
  const said = (await readFile(saidBy(folder), 'utf8'))
    .split('\n')
    .filter((line) => /"(run-closed|error|summary)"/.test(line));
  throw new Error(`the demo ended with ${code}: ${said.join('\n').slice(-4_000)}`);
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** What the supplier's bank would see, and what the ledger says of it. */
async function outcomeOf(folder: string): Promise<Outcome> {
  return { payments: await scheduledPayments(join(folder, 'invoice-desk')), ledger: await demoLedger(folder) };
}

async function scheduledPayments(deskFolder: string): Promise<readonly string[]> {
  const desk = await startDesk(deskFolder);
  try {
    const connection = await desk.connect();
    const { payments } = await connection.read('list_payments', { status: 'scheduled' });
    await connection.close();
    const lines = (payments as readonly Record<string, unknown>[]).map(
      ({ invoiceNumber, supplierId, iban, amount, currency }) =>
        [invoiceNumber, supplierId, iban, amount, currency].join(' '),
    );
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines).toHaveLength(11);
    return lines.toSorted();
  } finally {
    desk.process.stdin?.end();
    await desk.exited();
  }
}
