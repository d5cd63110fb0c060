import { describe, expect, test } from 'vitest';
import type { McpLimits } from '../../src/adapters/tools-mcp/mcp-limits.ts';
import { type FakeTool, textAnswer, toolError, WireResult } from '../fakes/mcp-server.ts';
import { codeOf, desk, quiet, request } from './tools-desk.ts';

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
