import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/cli/run-command-line.ts';
import { recordedStreams } from './recorded-streams.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  vi.stubEnv('COUNTERSIGN_DATA', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const { streams, written } = recordedStreams();
  const code = await runCommandLine({ args, streams, onInterruption: () => undefined, exitNow: () => undefined });
  return { code, ...written() };
}

describe('help', () => {
  const commands = ['demo', 'up', 'doctor', 'token', 'run', 'runs', 'approvals', 'delegations', 'policy'];

  test('names every command that exists, and none that does not', async () => {
    const { code, output } = await run('--help');
    expect(code).toBe(0);
    for (const command of commands) expect(output).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(output).not.toMatch(/^ {2}(catalog|hold|audit|evidence|redteam|bench|help)\b/m);
  });

  test.each(commands)('of %s keeps to 100 columns', async (command) => {
    const { code, output } = await run(command, '--help');
    expect(code).toBe(0);
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('does not need a configuration that can be used', async () => {
    vi.stubEnv('COUNTERSIGN_PORT', 'none');
    expect((await run('run', '--help')).code).toBe(0);
  });

  test('in the place of a missing command is a mistake', async () => {
    const { code, output, errors } = await run();
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain('Usage:');
    expect((await run('approvals')).code).toBe(2);
  });
});

describe('a command line that makes no sense ends with 2', () => {
  test.each([
    'nonsense',
    'run invoice-desk',
    'run --task x',
    'token',
    'up --port 70000',
    'up --port 1e3',
    'runs --limit 0',
    'runs --url http://127.0.0.1:1 --data x',
    'runs --url ftp://x',
    'runs --url http://user:secret@127.0.0.1',
    'approvals list --state maybe',
    'approvals list --risk huge',
    'approvals approve apr_1',
    'delegations add lead --role approver',
    'delegations add lead --role approver --for soon',
    'delegations add lead --role approver --for 1d --until 2030-01-01T00:00:00Z',
    'run a --task x --input novalue',
    'run a --task x --input a=1 --input a=2',
  ])('%s', async (line) => {
    const { code, output, errors } = await run(...line.split(' '));
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).not.toContain('secret');
  });
});

test('a configuration that cannot be used ends with 78, and names every key but no value', async () => {
  vi.stubEnv('COUNTERSIGN_PORT', 'seventy');
  vi.stubEnv('COUNTERSIGN_PROT', 'hush');
  const { code, errors } = await run('runs');
  expect(code).toBe(78);
  expect(errors).toContain('COUNTERSIGN_PORT');
  expect(errors).toContain('COUNTERSIGN_PROT');
  expect(errors).not.toMatch(/seventy|hush/);
});

test('a command without a server says so as JSON where JSON was asked for', async () => {
  const { code, output, errors } = await run('runs', '--json');
  expect(code).toBe(1);
  expect(errors).toBe('');
  expect(JSON.parse(output)).toMatchObject({ error: { code: 'unavailable' } });
});

test('a server that is named by its address is not sent the secret of a folder', async () => {
  const { code, output } = await run('runs', '--json', '--url', 'http://127.0.0.1:9', '--as', 'admin');
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ error: { code: 'unauthenticated' } });
});

test('the doctor changes nothing, and names what is wrong with its remedy', async () => {
  const { code, output } = await run('doctor', '--json', '--agents', join(folder, 'no-agents'));
  expect(code).toBe(1);
  const { findings } = JSON.parse(output);
  const agents = findings.find((finding: { name: string }) => finding.name === 'Agents');
  expect(agents).toMatchObject({ state: 'fail' });
  for (const finding of findings) expect(finding.state === 'ok' || typeof finding.mend === 'string').toBe(true);
});
