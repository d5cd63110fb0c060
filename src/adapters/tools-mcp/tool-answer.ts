import type { CallToolResult } from '@modelcontextprotocol/client';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, isJsonValue, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { ToolOutcome } from '../../ports/tool.port.ts';
import type { McpLimits } from './mcp-limits.ts';

const maxFailureLength = 2_000;

/**
 * The engine's reading of a `tools/call` result: structured content if there is any, else the text,
 * parsed if it is JSON, else as `{ text }`. Throws `tool-answer-invalid` over the limits.
 */
export function readAnswer(result: CallToolResult, limits: McpLimits): ToolOutcome {
  const texts = result.content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
  const text = texts.join('\n');
  if (result.isError === true) return { kind: 'failed', message: failureText(text) };
  if (result.structuredContent !== undefined)
    return { kind: 'result', value: readJson(result.structuredContent, limits) };
  const omitted = result.content.flatMap((block) => (block.type === 'text' ? [] : [block.type]));
  if (omitted.length > 0) return { kind: 'result', value: readJson({ text, omitted }, limits) };
  return { kind: 'result', value: readJson(parsedOrText(text), limits) };
}

export function failureText(text: string): string {
  return text === '' ? 'the tool reported an error without a message' : text.toWellFormed().slice(0, maxFailureLength);
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

/** Refuses what is too big, too deep, or cannot be stored and hashed exactly. */
export function readJson(value: unknown, limits: McpLimits): JsonValue {
  if (!isJsonValue(value, limits.maxAnswerDepth)) {
    throw new CountersignError('tool-answer-invalid', {
      message: `the answer nests deeper than ${limits.maxAnswerDepth} or is not JSON`,
    });
  }
  const size = Buffer.byteLength(exactJson(value), 'utf8');
  if (size > limits.maxAnswerBytes) {
    throw new CountersignError('tool-answer-invalid', {
      message: `the answer has ${size} bytes, the limit is ${limits.maxAnswerBytes}`,
    });
  }
  return value;
}

export function readJsonObject(value: unknown, limits: McpLimits): JsonObject {
  const json = readJson(value, limits);
  if (!isJsonObject(json)) throw new CountersignError('tool-answer-invalid', { message: 'a JSON object was expected' });
  return json;
}

function exactJson(value: JsonValue): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    const why = error instanceof CountersignError ? (error.fields[0]?.rule ?? 'cannot be used') : 'cannot be used';
    throw new CountersignError('tool-answer-invalid', { message: `a value of the answer ${why}` });
  }
}
