import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../src/domain/json.ts';
import type { FakeCall, FakeReply } from './openai-reply.ts';

type Answer = Extract<FakeReply, { kind: 'answer' }>;

const envelope = (object: string, model: string): JsonObject => ({
  id: `chatcmpl-${randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1_000),
  model,
  system_fingerprint: 'fp_fake',
});

const finishOf = (answer: Answer): string => answer.finish ?? (answer.calls?.length ? 'tool_calls' : 'stop');
const argumentsOf = ({ args }: FakeCall): string => (typeof args === 'string' ? args : JSON.stringify(args));
const callIdOf = (call: FakeCall): string => call.id ?? `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

function usageOf(answer: Answer): JsonObject | null {
  if (answer.usage === null) return null;
  const { inputTokens, outputTokens } = answer.usage ?? { inputTokens: 10, outputTokens: 5 };
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

/** A `chat.completion` object. */
export function wholeAnswer(answer: Answer, model: string): string {
  const toolCalls = answer.calls?.map((call) => ({
    id: callIdOf(call),
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call) },
  }));
  const message = {
    role: 'assistant',
    content: answer.text === undefined || answer.text === '' ? null : answer.text,
    refusal: answer.refusal ?? null,
    ...(toolCalls ? { tool_calls: toolCalls } : {}),
  };
  const usage = usageOf(answer);
  return JSON.stringify({
    ...envelope('chat.completion', model),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(answer) }],
    ...(usage ? { usage } : {}),
  });
}

/** The same as `chat.completion.chunk` events: text word by word, arguments in pieces, usage last. */
export function answerEvents(answer: Answer, model: string): string[] {
  const base = envelope('chat.completion.chunk', model);
  const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const usage = usageOf(answer);
  const chunks: JsonObject[] = [
    chunk({ role: 'assistant', content: '' }),
    ...pieces(answer.text ?? '').map((content) => chunk({ content })),
    ...pieces(answer.refusal ?? '').map((refusal) => chunk({ refusal })),
    ...(answer.calls ?? []).flatMap((call, index) => [
      chunk({
        tool_calls: [{ index, id: callIdOf(call), type: 'function', function: { name: call.name, arguments: '' } }],
      }),
      ...pieces(argumentsOf(call)).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]),
    chunk({}, finishOf(answer)),
    ...(usage ? [{ ...base, choices: [], usage }] : []),
  ];
  return [...chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`), 'data: [DONE]\n\n'];
}

const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/gu) ?? [];
