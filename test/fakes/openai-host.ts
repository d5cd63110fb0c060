import type { IncomingMessage, ServerResponse } from 'node:http';
import { assertNever } from '../../src/domain/assert-never.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import { headersOf, listenOnLoopback, readBody } from './http-listener.ts';
import type { FakeReply } from './openai-reply.ts';
import { answerEvents, wholeAnswer } from './openai-wire.ts';

export { call, calls, type FakeReply, hostError, refuse, say } from './openai-reply.ts';

/** One `POST /v1/chat/completions` as it arrived. */
export interface RecordedChat {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly messages: readonly JsonObject[];
  /** Names of the functions that were offered. */
  readonly tools: readonly string[];
  /** The function that must be called, where one must. */
  readonly forced: string | null;
}

export interface FakeOpenAiHost {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  readonly requests: readonly RecordedChat[];
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** Gets the request and how many came before it. */
export type FakeScript = (request: RecordedChat, index: number) => FakeReply | Promise<FakeReply>;

export interface FakeOpenAiSettings {
  readonly port?: number;
  /** The model's name in answers; as requested if not given. */
  readonly model?: string;
  /** True: keeps no requests, for long measurements. */
  readonly forgetful?: boolean;
}

/** A host of the OpenAI chat-completions protocol on loopback, real HTTP, whole and streamed; the script is the model. */
export async function startOpenAiHost(script: FakeScript, settings: FakeOpenAiSettings = {}): Promise<FakeOpenAiHost> {
  const requests: RecordedChat[] = [];
  let seen = 0;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const text = await readBody(incoming);
    if (incoming.method !== 'POST' || incoming.url !== '/v1/chat/completions') {
      outgoing
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error":{"message":"no such address","code":"not_found"}}');
      return;
    }
    const request = recordedChat(text, incoming);
    if (settings.forgetful !== true) requests.push(request);
    seen += 1;
    reply(await script(request, seen - 1), request, settings.model ?? textOf(request.body['model']), outgoing);
  }

  const listener = await listenOnLoopback(handle, settings.port);
  return {
    baseUrl: `${listener.origin}/v1`,
    requests,
    pause: () => listener.pause(),
    resume: () => listener.resume(),
    close: () => listener.close(),
  };
}

function reply(said: FakeReply, request: RecordedChat, model: string, outgoing: ServerResponse): void {
  switch (said.kind) {
    case 'answer':
      if (said.streamed === true || request.body['stream'] === true) {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const event of answerEvents(said, model)) outgoing.write(event);
        outgoing.end();
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(wholeAnswer(said, model));
      return;
    case 'status':
      outgoing.writeHead(said.status, said.headers ?? {}).end(said.body ?? '');
      return;
    case 'raw':
      outgoing.writeHead(200, { 'content-type': said.contentType }).end(said.body);
      return;
    case 'hang':
      return;
    case 'cut':
      cut(said, model, outgoing);
      return;
    default:
      assertNever(said);
  }
}

function cut(said: Extract<FakeReply, { kind: 'cut' }>, model: string, outgoing: ServerResponse): void {
  if (said.when === 'before') {
    outgoing.destroy();
    return;
  }
  const answer = { kind: 'answer', text: 'This sentence will not be finished.' } as const;
  const text = said.streamed === true ? answerEvents(answer, model).join('') : wholeAnswer(answer, model);
  outgoing.writeHead(200, { 'content-type': said.streamed === true ? 'text/event-stream' : 'application/json' });
  outgoing.write(text.slice(0, Math.floor(text.length / 2)), () => outgoing.destroy());
}

function recordedChat(text: string, incoming: IncomingMessage): RecordedChat {
  const body = objectOf(JSON.parse(text) as JsonValue);
  const tools = arrayOf(body['tools']).map((tool) => textOf(objectOf(objectOf(tool)['function'])['name']));
  const choice = objectOf(objectOf(body['tool_choice'])['function'])['name'];
  return {
    headers: headersOf(incoming),
    body,
    messages: arrayOf(body['messages']).map(objectOf),
    tools,
    forced: typeof choice === 'string' ? choice : null,
  };
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const arrayOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
