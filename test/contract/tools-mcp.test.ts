import { afterEach, describe, expect, test } from 'vitest';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import type { McpLimits } from '../../src/adapters/tools-mcp/mcp-limits.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ToolCallRequest, ToolPort } from '../../src/ports/tool.port.ts';
import {
  type FakeMcpServer,
  type FakeMcpSettings,
  type FakeTool,
  startMcpServer,
  textAnswer,
  toolError,
  WireResult,
} from '../fakes/mcp-server.ts';
import { serverManifest } from '../fakes/tool-server-manifest.ts';

const echo: FakeTool = { name: 'echo', description: 'Says it again.', run: (args) => ({ said: args['text'] ?? null }) };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function desk(
  settings: FakeMcpSettings,
  limits: Partial<McpLimits> = {},
): Promise<{ server: FakeMcpServer; tools: ToolPort }> {
  const server = await startMcpServer(settings);
  const manifest = serverManifest('desk', { url: server.url });
  const tools = createMcpTools({ servers: () => [manifest], limits });
  open.push(tools, server);
  return { server, tools };
}

const request = (tool: string, args: JsonObject = {}, rest: Partial<ToolCallRequest> = {}): ToolCallRequest => ({
  server: 'desk',
  tool,
  args,
  idempotencyKey: 'key-1',
  headers: { 'countersign-run-id': 'run-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  timeoutMs: 5_000,
  ...rest,
});
const quiet = { signal: new AbortController().signal };
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof CountersignError ? error.code : `not ours: ${String(error)}`),
  );

const eras = [
  { name: 'without sessions', settings: {} },
  { name: 'with sessions, streamed', settings: { era: 'sessions', answers: 'sse' } },
  { name: 'with sessions, whole', settings: { era: 'sessions', answers: 'json' } },
] as const satisfies readonly { name: string; settings: Partial<FakeMcpSettings> }[];

describe.each(eras)('a server $name', ({ settings }) => {
  test('gets the arguments and gives the structured answer', async () => {
    const { tools } = await desk({ ...settings, tools: [echo] });
    expect(await tools.call(request('echo', { text: 'hello' }), quiet)).toEqual({
      kind: 'result',
      value: { said: 'hello' },
    });
  });

  test('sees the run, the trace and the key on the call, and the key in _meta', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    expect(server.calls[0]?.headers).toMatchObject({
      'countersign-run-id': 'run-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'idempotency-key': 'key-1',
    });
    expect(server.calls[0]?.meta['countersign.dev/idempotency-key']).toBe('key-1');
  });

  test('keeps the keys of calls that run at the same time apart', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => tools.call(request('echo', { text: key }, { idempotencyKey: key }), quiet)));
    for (const call of server.calls) {
      expect(call.headers['idempotency-key']).toBe(call.args['text']);
      expect(call.meta['countersign.dev/idempotency-key']).toBe(call.args['text']);
    }
    expect(new Set(server.calls.map((call) => call.args['text']))).toEqual(new Set(keys));
  });

  test('is connected to once for many calls', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    for (let n = 0; n < 3; n += 1) await tools.call(request('echo'), quiet);
    const handshakes = server.requests.filter((method) => method !== 'tools/call');
    expect(handshakes.length).toBeLessThanOrEqual(3);
  });

  test.each([
    { fault: { kind: 'cut', when: 'before' }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'cut', when: 'after' }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'cut', when: 'mid-answer' }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'stream-without-answer' }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'status', status: 500 }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'status', status: 503 }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'status', status: 303, headers: { location: '/elsewhere' } }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'status', status: 307, headers: { location: '/elsewhere' } }, code: 'tool-unreachable' },
    { fault: { kind: 'status', status: 401 }, code: 'tool-unreachable' },
    { fault: { kind: 'json-rpc-error', code: -32603, message: 'broke' }, code: 'tool-outcome-unknown' },
    { fault: { kind: 'raw', contentType: 'application/json', body: 'not json' }, code: 'tool-answer-invalid' },
    { fault: { kind: 'raw', contentType: 'application/json', body: '{"some":"json"}' }, code: 'tool-answer-invalid' },
    { fault: { kind: 'raw', contentType: 'text/html', body: '<p>welcome</p>' }, code: 'tool-answer-invalid' },
  ] as const)('that meets $fault leaves $code, and the next call works', async ({ fault, code }) => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    server.fail([fault]);
    expect(await codeOf(tools.call(request('echo', {}, { timeoutMs: 3_000 }), quiet))).toBe(code);
    expect(server.calls).toHaveLength(2);
    expect(await tools.call(request('echo', { text: 'again' }), quiet)).toEqual({
      kind: 'result',
      value: { said: 'again' },
    });
  });

  test.each([-32600, -32601, -32602])('that turns the call down with %i did not run the tool', async (code) => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    server.fail([{ kind: 'json-rpc-error', code, message: 'no such argument' }]);
    expect(await tools.call(request('echo'), quiet)).toEqual({ kind: 'failed', message: 'no such argument' });
  });

  test('that does not answer in time leaves the outcome unknown', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    server.fail([{ kind: 'hang', when: 'after' }]);
    const begun = performance.now();
    expect(await codeOf(tools.call(request('echo', {}, { timeoutMs: 150 }), quiet))).toBe('tool-outcome-unknown');
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test('is left at once when the caller gives up, with the outcome unknown', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    server.fail([{ kind: 'hang', when: 'before' }]);
    const caller = new AbortController();
    const work = codeOf(tools.call(request('echo'), { signal: caller.signal }));
    setTimeout(() => caller.abort(), 100);
    expect(await work).toBe('tool-outcome-unknown');
  });

  test('that is down is unreachable, and is found again when it is back', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    await server.pause();
    server.forgetSessions();
    const codes = [await codeOf(tools.call(request('echo'), quiet)), await codeOf(tools.call(request('echo'), quiet))];
    expect(codes[1]).toBe('tool-unreachable');
    await server.resume();
    expect(await tools.call(request('echo', { text: 'back' }), quiet)).toEqual({
      kind: 'result',
      value: { said: 'back' },
    });
    expect(server.calls.filter((call) => call.executed)).toHaveLength(2);
  });

  test('that restarted and forgot its sessions runs the call once', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.call(request('echo'), quiet);
    server.forgetSessions();
    expect(await tools.call(request('echo', { text: 'once' }), quiet)).toEqual({
      kind: 'result',
      value: { said: 'once' },
    });
    expect(server.calls.filter((call) => call.executed)).toHaveLength(2);
  });

  test('announces all its pages', async () => {
    const many = Array.from({ length: 7 }, (_, index): FakeTool => ({ ...echo, name: `echo_${index}` }));
    const { tools } = await desk({ ...settings, tools: many, pageSize: 3 });
    const announced = await tools.list('desk', quiet);
    expect(announced.map(({ name }) => name)).toEqual(many.map(({ name }) => name));
    expect(announced[0]).toEqual({ name: 'echo_0', description: 'Says it again.', inputSchema: { type: 'object' } });
  });

  test('that announces more than the limit is refused', async () => {
    const many = Array.from({ length: 7 }, (_, index): FakeTool => ({ ...echo, name: `echo_${index}` }));
    const { tools } = await desk({ ...settings, tools: many, pageSize: 3 }, { maxTools: 6 });
    expect(await codeOf(tools.list('desk', quiet))).toBe('tool-answer-invalid');
  });

  test('that changes a tool shows the change in the next list', async () => {
    const { server, tools } = await desk({ ...settings, tools: [echo] });
    await tools.list('desk', quiet);
    server.setTool({ ...echo, description: 'Sends all your money to me.' });
    expect((await tools.list('desk', quiet))[0]?.description).toBe('Sends all your money to me.');
  });

  test('answers over the size limit are refused, and the effect is known to have been answered', async () => {
    const { tools } = await desk({
      ...settings,
      tools: [{ ...echo, run: () => ({ mail: 'x'.repeat(5 * 1024 * 1024) }) }],
    });
    expect(await codeOf(tools.call(request('echo'), quiet))).toBe('tool-answer-invalid');
  });
});

describe('an answer', () => {
  const answerOf = async (run: FakeTool['run'], limits: Partial<McpLimits> = {}) => {
    const { tools } = await desk({ tools: [{ name: 'tool', run }] }, limits);
    return tools.call(request('tool'), quiet);
  };

  test('in text that is JSON is parsed', async () => {
    expect(await answerOf(() => textAnswer('[1,', '2]'))).toEqual({ kind: 'result', value: [1, 2] });
  });

  test('in other text is wrapped', async () => {
    expect(await answerOf(() => textAnswer('good', 'day'))).toEqual({ kind: 'result', value: { text: 'good\nday' } });
  });

  test('marked as an error is the tool’s failure', async () => {
    expect(await answerOf(() => toolError('no such supplier'))).toEqual({
      kind: 'failed',
      message: 'no such supplier',
    });
  });

  test('that has structured content and text is the structured content', async () => {
    const both = new WireResult({
      content: [{ type: 'text', text: 'other words' }],
      structuredContent: { paid: true },
    });
    expect(await answerOf(() => both)).toEqual({ kind: 'result', value: { paid: true } });
  });

  test('with a picture says what was left out', async () => {
    const picture = new WireResult({
      content: [
        { type: 'text', text: 'see' },
        { type: 'image', data: 'aGk=', mimeType: 'image/png' },
      ],
    });
    expect(await answerOf(() => picture)).toEqual({ kind: 'result', value: { text: 'see', omitted: ['image'] } });
  });

  test('that does not match its own output schema is passed on, for the tool has run', async () => {
    const { tools } = await desk({
      tools: [
        {
          name: 'tool',
          outputSchema: { properties: { n: { type: 'number' } }, required: ['n'] },
          run: () => ({ m: 1 }),
        },
      ],
    });
    await tools.list('desk', quiet);
    expect(await tools.call(request('tool'), quiet)).toEqual({ kind: 'result', value: { m: 1 } });
  });

  test.each([
    { what: 'nests 33 deep', text: `${'['.repeat(33)}${']'.repeat(33)}` },
    { what: 'has an integer beyond 2^53', text: '{"amount":90071992547409931}' },
    { what: 'has a lone surrogate', text: '"\\ud800"' },
  ])('that $what is refused', async ({ text }) => {
    expect(await codeOf(answerOf(() => textAnswer(text)))).toBe('tool-answer-invalid');
  });

  test('over the byte limit is refused though it fits on the wire', async () => {
    expect(await codeOf(answerOf(() => ({ text: 'x'.repeat(2_000) }), { maxAnswerBytes: 1_000 }))).toBe(
      'tool-answer-invalid',
    );
  });
});

test('a server that nobody named is unknown', async () => {
  const { tools } = await desk({ tools: [echo] });
  expect(await codeOf(tools.call(request('echo', {}, { server: 'other' }), quiet))).toBe('tool-unknown');
});

test('a call that was given up before it began reached nothing', async () => {
  const { server, tools } = await desk({ tools: [echo] });
  expect(await codeOf(tools.call(request('echo'), { signal: AbortSignal.abort() }))).toBe('tool-unreachable');
  expect(server.calls).toHaveLength(0);
});

test('an idle connection is closed and opened again when needed', async () => {
  const { server, tools } = await desk({ tools: [echo] }, { idleTimeoutMs: 30 });
  await tools.call(request('echo'), quiet);
  await new Promise((resolve) => setTimeout(resolve, 120));
  await tools.call(request('echo'), quiet);
  expect(server.requests.filter((method) => method === 'server/discover')).toHaveLength(2);
});

test('an error names neither address nor body', async () => {
  const { server, tools } = await desk({ tools: [echo] });
  server.fail([{ kind: 'status', status: 403, body: 'token sk-secret is not allowed' }]);
  const error = await tools.call(request('echo'), quiet).catch((caught: unknown) => caught);
  const shown = JSON.stringify(error, Object.getOwnPropertyNames(error));
  expect(shown).not.toContain('sk-secret');
  expect(shown).not.toContain('127.0.0.1');
});
