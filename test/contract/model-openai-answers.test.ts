import { describe, expect, test } from 'vitest';
import { call, calls, type FakeReply, type FakeScript, refuse, say } from '../fakes/openai-host.ts';
import { failureOf, hosted, quiet, request } from './hosted-model.ts';

describe.each([
  { how: 'whole', streamed: false },
  { how: 'streamed though nobody asked', streamed: true },
])('an answer that comes $how', ({ streamed }) => {
  const answered =
    (reply: FakeReply): FakeScript =>
    () =>
      reply.kind === 'answer' ? { ...reply, streamed } : reply;

  test('is its text', async () => {
    const { model } = await hosted(answered(say('Three mails, all read – “done”.')));
    expect(await model.generate(request(), quiet)).toEqual({
      text: 'Three mails, all read – “done”.',
      toolCalls: [],
      finish: 'stop',
      usage: { inputTokens: 10, outputTokens: 5, costMicroUsd: 0 },
      model: 'small-1',
    });
  });

  test('keeps the text that stands beside tool calls, and the order of the calls', async () => {
    const made = [
      { name: 'mail__read', args: { id: 'm1' }, id: 'a' },
      { name: 'mail__read', args: { id: 'm2' }, id: 'b' },
    ];
    const { model } = await hosted(answered(calls(made, 'I read both.')));
    const answer = await model.generate(request(), quiet);
    expect(answer.text).toBe('I read both.');
    expect(answer.toolCalls).toEqual(made);
    expect(answer.finish).toBe('tool-calls');
  });

  test.each([
    '{"id": "m1"',
    '["m1"]',
    '"m1"',
    'null',
    '{"n":90071992547409931}',
    '{"t":"\\ud800"}',
    `{"id":${'['.repeat(40)}${']'.repeat(40)}}`,
  ])('with arguments %s is a malformed call and no failure', async (args) => {
    const { model } = await hosted(answered(call('mail__read', args)));
    expect((await model.generate(request(), quiet)).toolCalls).toEqual([
      { id: expect.any(String), name: 'mail__read', malformed: args },
    ]);
  });

  test('without arguments calls with none', async () => {
    const { model } = await hosted(answered(call('mail__read', '')));
    expect((await model.generate(request(), quiet)).toolCalls).toEqual([
      { id: expect.any(String), name: 'mail__read', args: {} },
    ]);
  });

  test('that calls a tool nobody offered keeps its name for policy to refuse', async () => {
    const { model } = await hosted(answered(call('bank__transfer', { amount: '1.00' })));
    expect((await model.generate(request(), quiet)).toolCalls).toEqual([
      { id: expect.any(String), name: 'bank__transfer', args: { amount: '1.00' } },
    ]);
  });

  test('that does not call the forced tool is an answer with its cost, not a failure', async () => {
    const { model } = await hosted(answered(say('No.')));
    const answer = await model.generate(request({ toolChoice: { force: 'mail__read' } }), quiet);
    expect(answer.toolCalls).toEqual([]);
    expect(answer.usage.inputTokens).toBe(10);
  });

  test('that was cut by the length says so', async () => {
    const { model } = await hosted(answered({ kind: 'answer', text: 'On and on', finish: 'length' }));
    expect((await model.generate(request(), quiet)).finish).toBe('length');
  });

  test('that is a refusal fails as refused', async () => {
    const { model } = await hosted(answered(refuse('I cannot help with that.')));
    expect((await failureOf(model.generate(request(), quiet))).code).toBe('model-refused');
  });

  test('that the host filtered fails as refused', async () => {
    const { model } = await hosted(answered({ kind: 'answer', text: '', finish: 'content_filter' }));
    expect((await failureOf(model.generate(request(), quiet))).code).toBe('model-refused');
  });

  test('costs what its tokens cost, rounded up to a millionth of a dollar', async () => {
    const { model } = await hosted(
      answered({ kind: 'answer', text: 'x', usage: { inputTokens: 1_003, outputTokens: 7 } }),
      {
        prices: { inputUsdPerMillionTokens: 0.1, outputUsdPerMillionTokens: 0.4 },
      },
    );
    expect((await model.generate(request(), quiet)).usage).toEqual({
      inputTokens: 1_003,
      outputTokens: 7,
      costMicroUsd: 104,
    });
  });

  test('without usage is charged by its length', async () => {
    const { model } = await hosted(answered({ kind: 'answer', text: 'x'.repeat(4_000), usage: null }));
    const { usage } = await model.generate(request(), quiet);
    expect(usage.outputTokens).toBeGreaterThan(900);
    expect(usage.inputTokens).toBeGreaterThan(20);
  });

  test('that breaks off is tried again, not read', async () => {
    const { model } = await hosted(() => ({ kind: 'cut', when: 'mid-answer', streamed }));
    expect((await failureOf(model.generate(request(), quiet))).code).toBe('model-unavailable');
  });
});
