import { describe, expect, test } from 'vitest';
import { createOpenAiCompatibleModel } from '../../src/adapters/model-openai-compatible/create-openai-compatible-model.ts';
import { call, hostError, say } from '../fakes/openai-host.ts';
import { apiKey, failureOf, hosted, quiet, request } from './hosted-model.ts';

describe('a request', () => {
  test('carries run, trace and key', async () => {
    const { host, model } = await hosted(() => say('ok'));
    await model.generate(request(), quiet);
    expect(host.requests[0]?.headers).toMatchObject({
      'countersign-run-id': 'run-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      authorization: `Bearer ${apiKey}`,
    });
  });

  test('forces a tool by its name', async () => {
    const { host, model } = await hosted(() => call('mail__read', { id: 'm1' }));
    await model.generate(request({ toolChoice: { force: 'mail__read' } }), quiet);
    expect(host.requests[0]?.forced).toBe('mail__read');
    expect(host.requests[0]?.tools).toEqual(['mail__read']);
  });

  test('shows the model its own words, its calls and their results', async () => {
    const { host, model } = await hosted(() => say('ok'));
    await model.generate(
      request({
        messages: [
          { role: 'user', text: 'Read the mail.' },
          {
            role: 'assistant',
            text: 'I read.',
            toolCalls: [
              { id: 'a', name: 'mail__read', args: { id: 'm1' } },
              { id: 'b', name: 'mail__read', malformed: '{"id":' },
            ],
          },
          { role: 'tool', toolCallId: 'a', toolName: 'mail__read', content: '{"subject":"Invoice"}' },
          { role: 'tool', toolCallId: 'b', toolName: 'mail__read', content: '{"error":{"code":"invalid-arguments"}}' },
        ],
      }),
      quiet,
    );
    expect(host.requests[0]?.messages).toMatchObject([
      { role: 'user', content: 'Read the mail.' },
      {
        role: 'assistant',
        content: 'I read.',
        tool_calls: [{ id: 'a', function: { name: 'mail__read', arguments: '{"id":"m1"}' } }, { id: 'b' }],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"subject":"Invoice"}' },
      { role: 'tool', tool_call_id: 'b', content: '{"error":{"code":"invalid-arguments"}}' },
    ]);
  });

  test('is sent once, whatever comes back', async () => {
    const { host, model } = await hosted(() => hostError(503, 'overloaded'));
    await failureOf(model.generate(request(), quiet));
    expect(host.requests).toHaveLength(1);
  });

  test('ends when the caller gives up', async () => {
    const { model } = await hosted(() => ({ kind: 'hang' }));
    const begun = performance.now();
    expect((await failureOf(model.generate(request(), { signal: AbortSignal.timeout(100) }))).code).toBe(
      'model-unavailable',
    );
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('a host', () => {
  test.each([
    { said: hostError(400, 'context_length_exceeded'), code: 'model-request-invalid' },
    { said: hostError(401, 'invalid_api_key'), code: 'model-request-invalid' },
    { said: hostError(403, 'forbidden'), code: 'model-request-invalid' },
    { said: hostError(404, 'model_not_found'), code: 'model-request-invalid' },
    { said: hostError(400, 'content_filter'), code: 'model-refused' },
    { said: hostError(429, 'rate_limit_exceeded'), code: 'model-rate-limited' },
    { said: hostError(500, 'server_error'), code: 'model-unavailable' },
    { said: { kind: 'status', status: 502, body: '<html>bad gateway</html>' }, code: 'model-unavailable' },
    {
      said: { kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/v1' } },
      code: 'model-request-invalid',
    },
    { said: { kind: 'cut', when: 'before' }, code: 'model-unavailable' },
    { said: { kind: 'hang' }, code: 'model-unavailable' },
    { said: { kind: 'raw', contentType: 'application/json', body: '{"choices":' }, code: 'model-answer-invalid' },
    { said: { kind: 'raw', contentType: 'application/json', body: '{"choices":[]}' }, code: 'model-answer-invalid' },
    { said: { kind: 'raw', contentType: 'application/json', body: '{"hello":"world"}' }, code: 'model-answer-invalid' },
    {
      said: {
        kind: 'raw',
        contentType: 'text/event-stream',
        body: 'data: {"choices":[{"delta":{"content":"half"}}]}\n\n',
      },
      code: 'model-answer-invalid',
    },
    {
      said: { kind: 'raw', contentType: 'text/event-stream', body: 'data: nonsense\n\n' },
      code: 'model-answer-invalid',
    },
    {
      said: { kind: 'raw', contentType: 'text/event-stream', body: 'data: {"error":{"message":"overloaded"}}\n\n' },
      code: 'model-unavailable',
    },
  ] as const)('that says $said is $code', async ({ said, code }) => {
    const { model } = await hosted(() => said, { timeoutMs: 400 });
    expect((await failureOf(model.generate(request(), quiet))).code).toBe(code);
  });

  test.each([
    { headers: { 'retry-after': '7' }, at: 7_000 },
    { headers: { 'retry-after': '7', 'retry-after-ms': '1250' }, at: 1_250 },
    { headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, at: 0 },
    { headers: { 'retry-after': '999999999' }, at: 3_600_000 },
    { headers: { 'retry-after': 'soon' }, at: undefined },
  ])('that is busy says with $headers when to come back', async ({ headers, at }) => {
    const { model } = await hosted(() => hostError(429, 'rate_limit_exceeded', headers));
    expect((await failureOf(model.generate(request(), quiet))).retryAfterMs).toBe(at);
  });

  test('that is busy until a date says when to come back', async () => {
    const { model } = await hosted(() =>
      hostError(429, 'rate_limit_exceeded', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }),
    );
    const wait = (await failureOf(model.generate(request(), quiet))).retryAfterMs ?? 0;
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(30_000);
  });

  test('that is down is unavailable', async () => {
    const { host, model } = await hosted(() => say('ok'));
    await host.pause();
    expect((await failureOf(model.generate(request(), quiet))).code).toBe('model-unavailable');
    await host.resume();
    expect((await model.generate(request(), quiet)).text).toBe('ok');
  });

  test('that sends more than the limit is not read to the end', async () => {
    const { model } = await hosted(() => say('x'.repeat(5_000_000)), { maxAnswerBytes: 100_000 });
    expect((await failureOf(model.generate(request(), quiet))).code).toBe('model-answer-invalid');
  });
});

describe('a secret', () => {
  test.each([
    hostError(401, `Incorrect API key provided: ${apiKey}`),
    hostError(500, apiKey),
    { kind: 'raw', contentType: 'application/json', body: apiKey },
    { kind: 'cut', when: 'before' },
    { kind: 'hang' },
  ] as const)('is in no error when the host says %j', async (said) => {
    const { host, model } = await hosted(() => said, { timeoutMs: 300 });
    const shown = allOf(await failureOf(model.generate(request(), quiet)));
    for (const secret of [apiKey, 'You are a clerk', host.baseUrl, 'Bearer']) expect(shown).not.toContain(secret);
  });

  test('in the base URL is refused before anything is sent', () => {
    const create = () =>
      createOpenAiCompatibleModel({ baseUrl: 'http://me:sk-secret@127.0.0.1:1/v1', model: 'm', timeoutMs: 1 });
    expect(create).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
    expect(create).not.toThrow(/sk-secret/);
  });
});

/** Every own property of an error and of its causes, hidden ones too. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${JSON.stringify(error, Object.getOwnPropertyNames(error))} ${String(error.stack)} ${error.cause === undefined ? '' : allOf(error.cause)}`;
}
