import type { JsonObject } from '../../src/domain/json.ts';
import { call, type FakeReply, type FakeScript, type RecordedChat } from '../fakes/openai-host.ts';

/** A turn of the script; a function sees the whole request. */
export type Turn = FakeReply | ((request: RecordedChat) => FakeReply | Promise<FakeReply>);

/** The planning call's answer: tools of the server `desk` and their counts. */
export function mandate(counts: Readonly<Record<string, number>>, extra: JsonObject = {}): FakeReply {
  const tools = Object.entries(counts).map(([name, maxCalls]) => ({ name: `desk__${name}`, maxCalls }));
  return call('declare_mandate', { tools, ...extra });
}

/** A model that plans once and then says its turns by how often it has spoken, so that a repeated call gets the same answer. */
export function scripted(planning: FakeReply, turns: readonly Turn[]): FakeScript {
  return (request) => {
    if (request.forced === 'declare_mandate') return planning;
    const spoken = request.messages.filter((message) => message['role'] === 'assistant').length;
    const turn = turns[spoken];
    if (turn === undefined) return { kind: 'answer', text: 'The script is over.' };
    return typeof turn === 'function' ? turn(request) : turn;
  };
}

/** What the tool messages of a request say, parsed, in order. */
export function toolResults(request: RecordedChat): readonly unknown[] {
  return request.messages
    .filter((message) => message['role'] === 'tool')
    .map((message) => JSON.parse(String(message['content'])) as unknown);
}
