import { isJsonObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import { call, type FakeReply, type RecordedChat, say } from '../../test/fakes/openai-host.ts';

/**
 * The model of the benchmark: asked to plan, it claims the tool that the task is about; then it calls that tool
 * as often as the task says, one call a turn; then it is done. It goes by what is in the request and nothing else.
 */
export function benchModel(request: RecordedChat): FakeReply {
  const steps = wanted(request.messages, /Take (\d+) steps/);
  if (request.forced === 'declare_mandate') {
    return call('declare_mandate', {
      tools: [{ name: 'bench__note', maxCalls: steps }],
      rationale: 'The task says so.',
    });
  }
  const taken = lastStepOf(request.messages);
  const tool = request.tools.find((name) => name.endsWith('__note'));
  if (tool === undefined || taken >= steps) return say('Done.');
  const words = 'word '.repeat(Math.ceil(wanted(request.messages, /Say (\d+) bytes/) / 5));
  return call(tool, { step: taken + 1, text: `Step ${taken + 1} of ${steps}.` }, words);
}

/** A number that the task names; 0 where it does not. */
function wanted(messages: readonly JsonObject[], words: RegExp): number {
  for (const message of messages) {
    const match = words.exec(textOf(message));
    if (match) return Number(match[1]);
  }
  return 0;
}

/** The step that the last call in the transcript was for; 0 before the first. */
function lastStepOf(messages: readonly JsonObject[]): number {
  const made = messages.findLast(({ tool_calls: calls }) => Array.isArray(calls) && calls.length > 0)?.['tool_calls'];
  const [call] = Array.isArray(made) ? made : [];
  const { function: called } = objectOf(call);
  const args = objectOf(called)['arguments'];
  const parsed: unknown = typeof args === 'string' ? JSON.parse(args) : null;
  return typeof parsed === 'object' && parsed !== null && 'step' in parsed ? Number(parsed.step) : 0;
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

function textOf({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}
