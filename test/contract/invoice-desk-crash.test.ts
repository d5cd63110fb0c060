import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { createDataFolder, startDesk } from './invoice-desk-process.ts';

const server = new URL('../../examples/invoice-desk/server.ts', import.meta.url).pathname;
const data = createDataFolder();

afterEach(() => data.remove());

const paymentFor = (index: number): JsonObject => ({
  supplierId: 'SUP-001',
  iban: 'DE55999000000012034501',
  amount: 10 + index,
  currency: 'EUR',
  poNumber: 'PO-4501',
  invoiceNumber: `CRASH-${index}`,
  reference: `CRASH-${index}`,
});

test('after a kill -9 nothing acknowledged is lost, and asking again with the same keys pays nothing twice', async () => {
  const acknowledged = new Map<number, string>();
  for (let round = 0; round < 3; round += 1) {
    const desk = await startDesk(data.path);
    const connection = await desk.connect();
    const paying = Array.from({ length: 20 }, async (_, index) => {
      const answer = await connection
        .call('schedule_payment', paymentFor(index), `default/crash/t${index}.0`)
        .catch(() => undefined);
      if (answer === undefined || !('value' in answer)) return;
      const paymentId = JSON.stringify(answer.value['paymentId']);
      expect(acknowledged.get(index) ?? paymentId).toBe(paymentId);
      acknowledged.set(index, paymentId);
      if (acknowledged.size === 5 + round * 6) desk.process.kill('SIGKILL');
    });
    await Promise.all(paying);
    desk.process.kill('SIGKILL');
    await desk.exited();
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(5);
  const desk = await startDesk(data.path);
  const connection = await desk.connect();
  const ledger = (await connection.read('list_payments', { status: 'scheduled' }))['payments'] as JsonObject[];
  const ids = ledger.map(({ paymentId }) => JSON.stringify(paymentId));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining([...acknowledged.values()]));
  expect(ids.length).toBeLessThanOrEqual(20);
  await connection.close();
  desk.process.stdin?.end();
  expect(await desk.exited()).toBe(0);
});

test('a kill -9 while the desk is first prepared leaves nothing in the way', async () => {
  for (const afterMs of [150, 400, 700, 1_000]) {
    const unlucky = spawn(process.execPath, [server, '--http', '--port', '0', '--data', data.path], { stdio: 'pipe' });
    const ended = once(unlucky, 'exit');
    await delay(afterMs);
    unlucky.kill('SIGKILL');
    await ended;
  }
  const desk = await startDesk(data.path);
  const connection = await desk.connect();
  expect(await connection.read('list_messages', {})).toHaveProperty('total', 22);
  await connection.close();
  desk.process.kill('SIGTERM');
  expect(await desk.exited()).toBe(0);
});

test('a second desk waits until the first has let go of the folder', async () => {
  const first = await startDesk(data.path);
  const starting = startDesk(data.path).then((desk) => ({ desk, at: performance.now() }));
  await delay(500);
  const letGo = performance.now();
  first.process.kill('SIGKILL');
  const second = await starting;
  expect(second.at).toBeGreaterThan(letGo);
  second.desk.process.kill('SIGTERM');
  expect(await second.desk.exited()).toBe(0);
});

test('the desk ends when whoever started it is killed', async () => {
  const parentCode = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [${JSON.stringify(server)}, '--http', '--port', '0', '--data', ${JSON.stringify(data.path)}], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.once('data', () => process.stdout.write(String(child.pid)));
  `;
  const parent = spawn(process.execPath, ['-e', parentCode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(Number(pid)), { timeout: 5_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
