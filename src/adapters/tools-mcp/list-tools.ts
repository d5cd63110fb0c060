import { ProtocolError, SdkError, SdkErrorCode, type Tool } from '@modelcontextprotocol/client';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { AnnouncedTool } from '../../ports/tool.port.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { McpLimits } from './mcp-limits.ts';
import type { Connection } from './open-connection.ts';
import { readJsonObject } from './tool-answer.ts';

/**
 * Everything the server announces, page by page; the connection remembers it too.
 * Listing has no effect, so every lost answer is `tool-unreachable`.
 */
export async function listTools(work: {
  readonly pool: ConnectionPool;
  readonly server: string;
  readonly key: string;
  readonly limits: McpLimits;
  readonly signal: AbortSignal;
}): Promise<readonly AnnouncedTool[]> {
  return work.pool.use(work, async (connection) => {
    try {
      return await readAllPages(connection, work.limits, work.signal);
    } catch (error) {
      if (error instanceof CountersignError) throw error;
      work.pool.retire(connection);
      throw unlisted(error, work.server);
    }
  });
}

async function readAllPages(connection: Connection, limits: McpLimits, signal: AbortSignal): Promise<AnnouncedTool[]> {
  const tools = new Map<string, AnnouncedTool>();
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.maxPages; page += 1) {
    const answer = await connection.client.request(
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
      { signal, timeout: limits.connectTimeoutMs },
    );
    for (const tool of answer.tools) {
      if (tools.has(tool.name)) throw invalid(`announces ${tool.name} twice`);
      if (tools.size === limits.maxTools) throw invalid(`announces more than ${limits.maxTools} tools`);
      tools.set(tool.name, announcedTool(tool, limits));
      connection.announced.set(tool.name, tool);
    }
    cursor = answer.nextCursor;
    if (cursor === undefined) return [...tools.values()];
    if (seen.has(cursor)) throw invalid('repeats a page');
    seen.add(cursor);
  }
  throw invalid(`announces more than ${limits.maxPages} pages of tools`);
}

function announcedTool(tool: Tool, limits: McpLimits): AnnouncedTool {
  return {
    name: tool.name,
    description: tool.description ?? '',
    inputSchema: readJsonObject(tool.inputSchema, limits),
    ...(tool.outputSchema === undefined ? {} : { outputSchema: readJsonObject(tool.outputSchema, limits) }),
  };
}

function invalid(what: string): CountersignError {
  return new CountersignError('tool-answer-invalid', { message: `the tool server ${what}` });
}

function unlisted(error: unknown, server: string): CountersignError {
  const answered =
    ProtocolError.isInstance(error) || (SdkError.isInstance(error) && error.code === SdkErrorCode.InvalidResult);
  if (answered) return invalid('does not answer tools/list as MCP says');
  return new CountersignError('tool-unreachable', { message: `tool server ${server}: tools/list got no answer` });
}
