import type {
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider';
import { maxJsonDepth } from '../../digest/canonical-json.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, isJsonValue, type JsonObject } from '../../domain/json.ts';
import type { MalformedToolCall, ModelToolCall } from '../../domain/transcript.ts';
import type { ModelAnswer, ModelRequest } from '../../ports/model.port.ts';
import { type ModelPrices, readUsage } from './model-usage.ts';

const maxMalformedLength = 16_384;

/** Throws `model-refused` where the host filtered the answer or the model declined. */
export function readModelAnswer(
  result: LanguageModelV4GenerateResult,
  request: ModelRequest,
  settings: { readonly model: string; readonly prices?: ModelPrices },
): ModelAnswer {
  const finish = readFinish(result.finishReason.unified);
  if (finish === 'content-filter') throw new CountersignError('model-refused');
  const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
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
  const { toolCallId: id, toolName: name, input } = part;
  const args = readArguments(input);
  return args ? { id, name, args } : { id, name, malformed: input.toWellFormed().slice(0, maxMalformedLength) };
}

/** Null where the text is not a JSON object within the depth limit. Hosts write no arguments as an empty text. */
function readArguments(input: string): JsonObject | null {
  if (input.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(input);
    return isJsonValue(value, maxJsonDepth) && isJsonObject(value) ? value : null;
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
