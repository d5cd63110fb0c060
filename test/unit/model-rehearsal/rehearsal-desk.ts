import { createRehearsalModel } from '../../../src/adapters/model-rehearsal/create-rehearsal-model.ts';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import type { MalformedToolCall, Message, ModelToolCall } from '../../../src/domain/transcript.ts';
import type { ModelAnswer, ModelTool } from '../../../src/ports/model.port.ts';

export const signal = new AbortController().signal;

/** What a tool, or an engine in front of it, answers to a call. */
export type AnswerCall = (
  tool: string,
  args: JsonObject,
  index: { turn: number; call: number },
) => Promise<JsonValue> | JsonValue;

export interface WorkedTask {
  readonly answer: string;
  readonly calls: readonly ModelToolCall[];
  readonly turns: readonly ModelAnswer[];
  readonly messages: readonly Message[];
}

const maxTurns = 40;

/** Runs a task to its answer, as an engine would, with `answerCall` in the place of everything beyond the model. */
export async function workTask(task: string, tools: readonly ModelTool[], answerCall: AnswerCall): Promise<WorkedTask> {
  const model = createRehearsalModel();
  const messages: Message[] = [
    { role: 'system', text: 'You are a clerk.' },
    { role: 'user', text: task },
  ];
  const turns: ModelAnswer[] = [];
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const answer = await model.generate({ messages, tools, toolChoice: 'auto', headers: {} }, { signal });
    turns.push(answer);
    messages.push({ role: 'assistant', text: answer.text, toolCalls: answer.toolCalls });
    if (answer.toolCalls.length === 0) {
      const calls = turns.flatMap(({ toolCalls }) => toolCalls.filter(isWellFormed));
      return { answer: answer.text, calls, turns, messages };
    }
    messages.push(...(await answerAll(answer.toolCalls.filter(isWellFormed), turn, answerCall)));
  }
  throw new Error(`no answer after ${maxTurns} turns`);
}

function answerAll(calls: readonly ModelToolCall[], turn: number, answerCall: AnswerCall): Promise<Message[]> {
  return Promise.all(
    calls.map(async ({ id, name, args }, call): Promise<Message> => {
      const result = await answerCall(name.replace(/^.*__/, ''), args, { turn, call });
      return { role: 'tool', toolCallId: id, toolName: name, content: JSON.stringify(result) };
    }),
  );
}

const isWellFormed = (call: ModelToolCall | MalformedToolCall): call is ModelToolCall => 'args' in call;

/** Tools by name alone, for tests that need no schema. */
export function toolsNamed(...names: readonly string[]): ModelTool[] {
  return names.map((name) => ({
    name: `desk__${name}`,
    description: `Does ${name}.`,
    inputSchema: { type: 'object' },
  }));
}
