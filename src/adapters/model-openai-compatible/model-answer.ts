import type {
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider';
import { canonicalJson, maxJsonDepth } from '../../digest/canonical-json.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, isJsonValue, type JsonObject } from '../../domain/json.ts';
import type { MalformedToolCall, ModelToolCall } from '../../domain/transcript.ts';
import type { ModelAnswer, ModelRequest } from '../../ports/model.port.ts';
import { type ModelPrices, readUsage } from './model-usage.ts';

const maxMalformedLength = 16_384;
const maxIdLength = 128;

/** Throws `model-refused` where the host filtered the answer or the model declined. */
export function readModelAnswer(
  result: LanguageModelV4GenerateResult,
  request: ModelRequest,
  settings: { readonly model: string; readonly prices?: ModelPrices },
): ModelAnswer {
  const finish = readFinish(result.finishReason.unified);
  if (finish === 'content-filter') throw new CountersignError('model-refused');
  const text = result.content
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
    .toWellFormed();
  const toolCalls = result.content.flatMap((part) => (part.type === 'tool-call' ? [readToolCall(part)] : []));
  return {
    text,
    toolCalls,
    // Several hosts say `stop` beside tool calls.
    finish: toolCalls.length > 0 && finish !== 'length' ? 'tool-calls' : finish,
    usage: readUsage(result, request, settings.prices),
    model: result.response?.modelId ?? settings.model,
  };
}

function readToolCall(part: LanguageModelV4ToolCall): ModelToolCall | MalformedToolCall {
  const { input } = part;
  const id = shortened(part.toolCallId);
  const name = shortened(part.toolName);
  const args = readArguments(input);
  return args ? { id, name, args } : { id, name, malformed: input.toWellFormed().slice(0, maxMalformedLength) };
}

/** The host chooses these freely; what pairs calls with results is kept short, and equal on both sides. */
const shortened = (text: string): string => text.slice(0, maxIdLength).toWellFormed();

/**
 * Null where the text is not a JSON object, or one that has no exact canonical form (too deep, a number beyond 2^53,
 * a lone surrogate) and so could not be bound to a digest. Hosts write no arguments as an empty text.
 */
function readArguments(input: string): JsonObject | null {
  if (input.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(input);
    if (!isJsonValue(value, maxJsonDepth) || !isJsonObject(value)) return null;
    canonicalJson(value);
    return value;
  } catch {
    return null;
  }
}

function readFinish(finish: LanguageModelV4FinishReason['unified']): ModelAnswer['finish'] {
  switch (finish) {
    case 'stop':
    case 'length':
    case 'content-filter':
    case 'tool-calls':
      return finish;
    case 'error':
    case 'interrupted':
    case 'other':
      return 'other';
    default:
      return assertNever(finish);
  }
}
