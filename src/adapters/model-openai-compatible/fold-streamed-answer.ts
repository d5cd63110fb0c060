import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';

interface FoldedCall {
  id: string;
  name: string;
  arguments: string;
}

/**
 * Makes of `chat.completion.chunk` events the `chat.completion` object that they add up to.
 * Throws `model-answer-invalid` for a stream that breaks off, `model-unavailable` for an error sent within it.
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function foldStreamedAnswer(events: string): string {
  const calls = new Map<number, FoldedCall>();
  const whole = {
    content: '',
    refusal: '',
    finish: null as string | null,
    model: null as string | null,
    usage: null as JsonValue,
  };
  for (const chunk of chunksOf(events)) {
    if (chunk['error'] !== undefined)
      throw new CountersignError('model-unavailable', { message: 'the host broke the stream off with an error' });
    if (typeof chunk['model'] === 'string') whole.model = chunk['model'];
    if (isJsonObject(chunk['usage'])) whole.usage = chunk['usage'];
    const choice = objectOf(listOf(chunk['choices'])[0]);
    const delta = objectOf(choice['delta']);
    whole.content += textOf(delta['content']);
    whole.refusal += textOf(delta['refusal']);
    for (const part of listOf(delta['tool_calls'])) foldCall(calls, objectOf(part));
    if (typeof choice['finish_reason'] === 'string') whole.finish = choice['finish_reason'];
  }
  if (whole.finish === null)
    throw new CountersignError('model-answer-invalid', { message: 'the stream ended without an end' });
  const toolCalls = [...calls.values()].map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
  return JSON.stringify({
    model: whole.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: whole.content || null,
          refusal: whole.refusal || null,
          ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
        },
        finish_reason: whole.finish,
      },
    ],
    usage: whole.usage,
  });
}

function foldCall(calls: Map<number, FoldedCall>, part: JsonObject): void {
  // Some hosts send each call whole and without an index.
  const index = typeof part['index'] === 'number' ? part['index'] : calls.size;
  const known = calls.get(index) ?? { id: '', name: '', arguments: '' };
  const called = objectOf(part['function']);
  calls.set(index, {
    id: known.id || textOf(part['id']),
    name: known.name || textOf(called['name']),
    arguments: known.arguments + textOf(called['arguments']),
  });
}

function* chunksOf(events: string): Generator<JsonObject> {
  for (const event of events.split(/\r\n\r\n|\n\n|\r\r/)) {
    const data = event
      .split(/\r\n|\n|\r/)
      .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).replace(/^ /, '')] : []))
      .join('\n');
    if (data === '' || data.trim() === '[DONE]') continue;
    yield parsed(data);
  }
}

function parsed(data: string): JsonObject {
  try {
    const value = JSON.parse(data) as JsonValue;
    if (isJsonObject(value)) return value;
  } catch {
    // falls through: what breaks JSON and what is no object are refused alike
  }
  throw new CountersignError('model-answer-invalid', { message: 'an event of the stream is not a JSON object' });
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
