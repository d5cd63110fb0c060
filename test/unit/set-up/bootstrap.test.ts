import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..', '..');
const bootstrap = join(root, 'scripts', 'bootstrap.mjs');

/** Tells how it was started, and in the end how often it was interrupted. */
const program = `
let interrupts = 0;
process.on('SIGINT', () => {
  interrupts += 1;
  setTimeout(() => { console.log(interrupts); process.exit(130); }, 300);
});
console.log(JSON.stringify({ args: process.argv.slice(2), version: process.version, cwd: process.cwd() }));
if (process.argv[2] === 'wait') setInterval(() => {}, 1000);
else process.exit(Number(process.argv[3] ?? 0));
`;

describe('a program behind the bootstrap', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
    file = join(folder, 'program.ts');
    await writeFile(file, program);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [bootstrap, file, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });

  const outcomeOf = async (child: ChildProcess) => {
    if (child.stdout === null) throw new Error('its output is piped');
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { output, code };
  };

  test('gets its arguments, the working directory and the pinned Node', async () => {
    const { output } = await outcomeOf(start('exit', '0', '--flag', 'two words'));
    expect(JSON.parse(output)).toEqual({
      args: ['exit', '0', '--flag', 'two words'],
      version: expect.stringMatching(/^v24\./),
      cwd: folder,
    });
  });

  test('has its exit code passed on', async () => {
    expect((await outcomeOf(start('exit', '78'))).code).toBe(78);
  });

  test('is interrupted exactly once', async () => {
    const child = start('wait');
    if (child.stdout !== null) await once(child.stdout, 'readable');
    child.kill('SIGINT');
    const { output, code } = await outcomeOf(child);
    expect(output.trimEnd().split('\n').at(-1)).toBe('1');
    expect(code).toBe(130);
  });
});

describe('the closing line', () => {
  const runTests = async (...args: string[]) => {
    const env = { ...process.env, COUNTERSIGN_TEST_FAILED_CHECKS: '0' };
    const child = spawn(process.execPath, ['scripts/run-tests.mjs', ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { closing: output.trimEnd().split('\n').at(-1), code };
  };

  test('of a run in which no test ran is a failure', async () => {
    expect(await runTests('test/unit/no-such-folder')).toEqual({ closing: '0 passed, 1 failed', code: 1 });
  });

  test('stands alone at the end of a run that passed', async () => {
    expect(await runTests('test/unit/temporal-server/server-record')).toEqual({
      closing: '6 passed, 0 failed',
      code: 0,
    });
  });
});
