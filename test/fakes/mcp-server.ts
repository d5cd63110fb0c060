import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler, Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import { type FakeTool, type RecordedToolCall, runFakeTool } from './fake-tool.ts';
import { type HttpListener, headersOf, listenOnLoopback, readBody } from './http-listener.ts';
import { type McpFault, misbehave, preempts } from './mcp-fault.ts';

export { type FakeTool, type RecordedToolCall, textAnswer, toolError, WireResult } from './fake-tool.ts';
export type { McpFault } from './mcp-fault.ts';

export interface FakeMcpServer {
  /** `http://127.0.0.1:PORT/mcp` */
  readonly url: string;
  /** Every `tools/call` in the order of arrival, also those that a fault took. */
  readonly calls: readonly RecordedToolCall[];
  /** Every HTTP request: JSON-RPC method, or the HTTP verb where there was no body. */
  readonly requests: readonly string[];
  /** Adds a tool, or replaces the one of that name: what it announces changes at once. */
  setTool(tool: FakeTool): void;
  removeTool(name: string): void;
  /** Each of the next `tools/call` requests (of that tool, if one is named) meets one fault, in this order. */
  fail(faults: readonly McpFault[], tool?: string): void;
  /** Forgets all sessions, as a restarted server does. */
  forgetSessions(): void;
  /** Cuts all connections and refuses new ones, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface FakeMcpSettings {
  readonly tools: readonly FakeTool[];
  readonly port?: number;
  /** `modern`: stateless, 2026-07-28 and 2025-11-25 · `sessions`: 2025-11-25 with a session id. Default `modern`. */
  readonly era?: 'modern' | 'sessions';
  /** How the `sessions` era answers. Default `sse`. */
  readonly answers?: 'json' | 'sse';
  /** Tools a page of `tools/list`. Default: all on one. */
  readonly pageSize?: number;
  /** True: keeps no calls and requests, for long measurements. */
  readonly forgetful?: boolean;
}

/** A real MCP server (the official SDK over streamable HTTP) on loopback, whose tools are functions of the test. */
export async function startMcpServer(settings: FakeMcpSettings): Promise<FakeMcpServer> {
  const tools = new Map(settings.tools.map((tool) => [tool.name, tool]));
  const calls: RecordedToolCall[] = [];
  const requests: string[] = [];
  const faults: { fault: McpFault; tool: string | undefined }[] = [];
  const current = new AsyncLocalStorage<RecordedToolCall>();
  const endpoint = createEndpoint(settings, () => createToolServer(tools, settings.pageSize ?? 1_000, current));

  const takeFault = (tool: string): McpFault | undefined => {
    const index = faults.findIndex((entry) => entry.tool === undefined || entry.tool === tool);
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const rpc = parsed(body);
    if (settings.forgetful !== true)
      requests.push(typeof rpc['method'] === 'string' ? rpc['method'] : (incoming.method ?? ''));
    const request = webRequest(incoming, listener.origin, body);
    if (rpc['method'] !== 'tools/call') return write(await endpoint.fetch(request), outgoing);
    const call = recordedCall(rpc, incoming);
    if (settings.forgetful !== true) calls.push(call);
    const fault = takeFault(call.tool);
    if (fault && preempts(fault)) return misbehave(fault, rpc['id'], null, outgoing);
    const response = await current.run(call, () => endpoint.fetch(request));
    if (fault) return misbehave(fault, rpc['id'], await response.text(), outgoing);
    return write(response, outgoing);
  }

  const listener: HttpListener = await listenOnLoopback(handle, settings.port);
  return {
    url: `${listener.origin}/mcp`,
    calls,
    requests,
    setTool: (tool) => void tools.set(tool.name, tool),
    removeTool: (name) => void tools.delete(name),
    fail: (added, tool) => void faults.push(...added.map((fault) => ({ fault, tool }))),
    forgetSessions: () => endpoint.forget(),
    pause: () => listener.pause(),
    resume: () => listener.resume(),
    close: () => listener.close(),
  };
}

function createToolServer(
  tools: ReadonlyMap<string, FakeTool>,
  pageSize: number,
  current: AsyncLocalStorage<RecordedToolCall>,
): Server {
  const server = new Server({ name: 'fake', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', (request) => {
    const from = Number(request.params?.cursor ?? 0);
    const page = [...tools.values()].slice(from, from + pageSize).map((tool) => ({
      name: tool.name,
      description: tool.description ?? `The fake tool ${tool.name}.`,
      inputSchema: { type: 'object' as const, ...tool.inputSchema },
      ...(tool.outputSchema ? { outputSchema: { type: 'object' as const, ...tool.outputSchema } } : {}),
    }));
    return { tools: page, ...(from + pageSize < tools.size ? { nextCursor: String(from + pageSize) } : {}) };
  });
  server.setRequestHandler('tools/call', (request) => {
    const call = current.getStore();
    if (!call) throw new Error('a call outside of any request');
    return runFakeTool(tools.get(request.params.name), call);
  });
  return server;
}

interface Endpoint {
  fetch(request: Request): Promise<Response>;
  forget(): void;
}

function createEndpoint(settings: FakeMcpSettings, createServer: () => Server): Endpoint {
  if (settings.era !== 'sessions') {
    const handler = createMcpHandler(createServer);
    return { fetch: (request) => handler.fetch(request), forget: () => undefined };
  }
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return {
    async fetch(request) {
      const id = request.headers.get('mcp-session-id');
      const known = id === null ? undefined : sessions.get(id);
      if (known) return known.handleRequest(request);
      if (id !== null)
        return new Response('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}', {
          status: 404,
        });
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: settings.answers === 'json',
        onsessioninitialized: (session) => void sessions.set(session, transport),
      });
      await createServer().connect(transport);
      return transport.handleRequest(request);
    },
    forget: () => sessions.clear(),
  };
}

function recordedCall(rpc: JsonObject, incoming: IncomingMessage): RecordedToolCall {
  const params = objectOf(rpc['params']);
  return {
    tool: typeof params['name'] === 'string' ? params['name'] : '',
    args: objectOf(params['arguments']),
    meta: objectOf(params['_meta']),
    headers: headersOf(incoming),
    executed: false,
  };
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

function parsed(body: string): JsonObject {
  try {
    return objectOf(JSON.parse(body) as JsonValue);
  } catch {
    return {};
  }
}

function webRequest(incoming: IncomingMessage, origin: string, body: string): Request {
  const method = incoming.method ?? 'GET';
  return new Request(`${origin}${incoming.url ?? '/'}`, {
    method,
    headers: headersOf(incoming),
    ...(method === 'POST' ? { body } : {}),
  });
}

async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) for await (const chunk of response.body) outgoing.write(chunk);
  outgoing.end();
}
