import { describe, expect, test } from 'vitest';
import { codeOf, desk, echo, eras, quiet, request } from './tools-desk.ts';

describe.each(eras)('a server $name', ({ settings }) => {
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
});

test('a call that was given up before it began reached nothing', async () => {
  const { server, tools } = await desk({ tools: [echo] });
  expect(await codeOf(tools.call(request('echo'), { signal: AbortSignal.abort() }))).toBe('tool-unreachable');
  expect(server.calls).toHaveLength(0);
});

test('an error names neither address nor body', async () => {
  const { server, tools } = await desk({ tools: [echo] });
  server.fail([{ kind: 'status', status: 403, body: 'token sk-secret is not allowed' }]);
  const error = await tools.call(request('echo'), quiet).catch((caught: unknown) => caught);
  const shown = JSON.stringify(error, Object.getOwnPropertyNames(error));
  expect(shown).not.toContain('sk-secret');
  expect(shown).not.toContain('127.0.0.1');
});

test('a time-out of many days is no time-out of none', async () => {
  const { tools } = await desk({ tools: [echo] });
  const patient = request('echo', { text: 'slow' }, { timeoutMs: 90 * 24 * 3_600_000 });
  expect(await tools.call(patient, quiet)).toEqual({ kind: 'result', value: { said: 'slow' } });
});
