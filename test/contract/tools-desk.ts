import { afterEach } from 'vitest';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import type { McpLimits } from '../../src/adapters/tools-mcp/mcp-limits.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ToolCallRequest, ToolPort } from '../../src/ports/tool.port.ts';
import { type FakeMcpServer, type FakeMcpSettings, type FakeTool, startMcpServer } from '../fakes/mcp-server.ts';
import { serverManifest } from '../fakes/tool-server-manifest.ts';

export const echo: FakeTool = {
  name: 'echo',
  description: 'Says it again.',
  run: (args) => ({ said: args['text'] ?? null }),
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** One server, named `desk`, and the adapter that talks to it; both end with the test. */
export async function desk(
  settings: FakeMcpSettings,
  limits: Partial<McpLimits> = {},
): Promise<{ server: FakeMcpServer; tools: ToolPort }> {
  const server = await startMcpServer(settings);
  const manifest = serverManifest('desk', { url: server.url });
  const tools = createMcpTools({ servers: () => [manifest], limits });
  open.push(tools, server);
  return { server, tools };
}

export const request = (tool: string, args: JsonObject = {}, rest: Partial<ToolCallRequest> = {}): ToolCallRequest => ({
  server: 'desk',
  tool,
  args,
  idempotencyKey: 'key-1',
  headers: { 'countersign-run-id': 'run-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  timeoutMs: 5_000,
  ...rest,
});
export const quiet = { signal: new AbortController().signal };
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof CountersignError ? error.code : `not ours: ${String(error)}`),
  );

export const eras = [
  { name: 'without sessions', settings: {} },
  { name: 'with sessions, streamed', settings: { era: 'sessions', answers: 'sse' } },
  { name: 'with sessions, whole', settings: { era: 'sessions', answers: 'json' } },
] as const satisfies readonly { name: string; settings: Partial<FakeMcpSettings> }[];
