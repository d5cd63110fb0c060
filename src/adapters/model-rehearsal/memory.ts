import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Message } from '../../domain/transcript.ts';

/** What became of a call, as far as the transcript tells. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly code: string; readonly rule: string; readonly message: string };

export interface Memory {
  /** Assistant turns so far. */
  readonly turns: number;
  /** The answer to this very call; undefined where it was never made. */
  outcomeOf(name: string, args: JsonObject): Outcome | undefined;
  /** Everything that a tool has answered, oldest first. */
  valuesOf(name: string): readonly JsonObject[];
}

/** Pairs the calls of a transcript with their results, in one pass over it. */
export function recall(messages: readonly Message[]): Memory {
  const called = new Map<string, { readonly name: string; readonly key: string }>();
  const outcomes = new Map<string, Outcome>();
  const values = new Map<string, JsonObject[]>();
  let turns = 0;
  for (const message of messages) {
    if (message.role === 'assistant') {
      turns += 1;
      for (const call of message.toolCalls) {
        if ('args' in call) called.set(call.id, { name: call.name, key: callKey(call.name, call.args) });
      }
    } else if (message.role === 'tool') {
      const call = called.get(message.toolCallId);
      if (call === undefined) continue;
      const outcome = readOutcome(message.content);
      outcomes.set(call.key, outcome);
      if (outcome.kind === 'value') values.set(call.name, [...(values.get(call.name) ?? []), outcome.value]);
    }
  }
  return {
    turns,
    outcomeOf: (name, args) => outcomes.get(callKey(name, args)),
    valuesOf: (name) => values.get(name) ?? [],
  };
}

/** Equal for equal calls, in whatever order the arguments were written. */
export function callKey(name: string, args: JsonObject): string {
  return `${name} ${JSON.stringify(args, Object.keys(args).sort())}`;
}

function readOutcome(content: string): Outcome {
  const value = parse(content);
  if (!isJsonObject(value)) return { kind: 'value', value: { text: content } };
  const error = value['error'];
  if (!isJsonObject(error) || typeof error['code'] !== 'string') return { kind: 'value', value };
  return { kind: 'refused', code: error['code'], rule: text(error['rule']), message: text(error['message']) };
}

function parse(content: string): JsonValue | undefined {
  try {
    return JSON.parse(content) as JsonValue;
  } catch {
    return undefined;
  }
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
