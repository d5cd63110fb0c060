import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import { isJsonObject, type JsonValue } from '../../src/domain/json.ts';
import type { ToolPort } from '../../src/ports/tool.port.ts';
import { serverManifest } from '../fakes/tool-server-manifest.ts';

const server = new URL('../fakes/stdio-mcp-server.ts', import.meta.url);
const open: ToolPort[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function startTools(onStderr: (server: string, text: string) => void = () => undefined): ToolPort {
  const manifest = serverManifest('child', { command: process.execPath, args: [fileURLToPath(server)] });
  const tools = createMcpTools({ servers: () => [manifest], stdio: { onStderr } });
  open.push(tools);
  return tools;
}

const call = async (tools: ToolPort, tool: string, timeoutMs = 20_000): Promise<JsonValue> => {
  const request = { server: 'child', tool, args: {}, idempotencyKey: 'key-1', headers: {}, timeoutMs };
  const outcome = await tools.call(request, { signal: new AbortController().signal });
  return outcome.kind === 'result' ? outcome.value : outcome.message;
};
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof CountersignError ? error.code : String(error)),
  );

function pidOf(answer: JsonValue): number {
  return isJsonObject(answer) ? Number(answer['pid']) : Number.NaN;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a child inherits no secrets', { timeout: 30_000 }, async () => {
  process.env['COUNTERSIGN_API_KEY'] = 'sk-secret';
  const answer = await call(startTools(), 'environment');
  delete process.env['COUNTERSIGN_API_KEY'];
  const names = isJsonObject(answer) ? answer['names'] : [];
  const allowed = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
  expect(Array.isArray(names) ? names.filter((name) => !allowed.includes(String(name))) : names).toEqual([]);
});

test('the key travels in _meta, and stderr is heard', { timeout: 30_000 }, async () => {
  const heard: string[] = [];
  const answer = await call(
    startTools((_, text) => heard.push(text)),
    'meta',
  );
  expect(
    isJsonObject(answer) && isJsonObject(answer['meta']) ? answer['meta']['countersign.dev/idempotency-key'] : null,
  ).toBe('key-1');
  await expect.poll(() => heard.join('')).toContain('called meta');
});

test('a child that dies in the middle of a call leaves the outcome unknown, and a new one is started', {
  timeout: 30_000,
}, async () => {
  const tools = startTools();
  const first = pidOf(await call(tools, 'environment'));
  expect(await codeOf(call(tools, 'die'))).toBe('tool-outcome-unknown');
  expect(pidOf(await call(tools, 'environment'))).not.toBe(first);
});

test('a child that does not answer leaves the outcome unknown', { timeout: 30_000 }, async () => {
  const tools = startTools();
  await call(tools, 'environment');
  expect(await codeOf(call(tools, 'hang', 200))).toBe('tool-outcome-unknown');
});

test('closing ends the child', { timeout: 30_000 }, async () => {
  const tools = startTools();
  const pid = pidOf(await call(tools, 'environment'));
  await tools.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('a command that does not exist is unreachable', { timeout: 30_000 }, async () => {
  const tools = createMcpTools({
    servers: () => [serverManifest('child', { command: 'no-such-command-anywhere', args: [] })],
  });
  open.push(tools);
  expect(await codeOf(call(tools, 'meta'))).toBe('tool-unreachable');
});
