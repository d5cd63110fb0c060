import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { expect, test } from 'vitest';
import { endProcess, identifyProcess, isAlive } from '../../../src/adapters/temporal-server/process-identity.ts';

async function startIdle(script = 'setInterval(() => {}, 1000)') {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const identity = await identifyProcess(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child did not start');
  return { child, identity };
}

test('a process keeps its identity until it ends', async () => {
  const { child, identity } = await startIdle();
  expect(await isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isAlive(identity)).toBe(false);
});

test('another process that got the same pid is not ended', async () => {
  const { child, identity } = await startIdle();
  expect(await endProcess({ ...identity, startedAt: 'another time' }, 200)).toBe(true);
  expect(await isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
});

test('a process that ignores the request to end is killed', async () => {
  const { child, identity } = await startIdle("process.on('SIGINT', () => {}); setInterval(() => {}, 1000)");
  expect(await endProcess(identity, 300)).toBe(true);
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
});

test('a process that has ended but was not reaped is not alive', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line).trim());
  await expect.poll(() => identifyProcess(pid)).toBeUndefined();
  parent.kill('SIGKILL');
});
