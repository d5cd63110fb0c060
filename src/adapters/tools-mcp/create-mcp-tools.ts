import type { ToolServerManifest } from '../../contracts/tool-server.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ToolPort } from '../../ports/tool.port.ts';
import { callTool } from './call-tool.ts';
import { createConnectionPool } from './connection-pool.ts';
import { listTools } from './list-tools.ts';
import { defaultMcpLimits, type McpLimits } from './mcp-limits.ts';
import { openConnection, type StdioSettings } from './open-connection.ts';

/**
 * `ToolPort` over MCP: streamable HTTP and stdio, protocol 2025-11-25 and 2026-07-28.
 * `servers` is read at each call, so a catalogue that was reloaded is used at once.
 * `close` ends every connection and child process; calls still running then end as `tool-outcome-unknown`.
 */
export function createMcpTools(settings: {
  readonly servers: () => readonly ToolServerManifest[];
  readonly limits?: Partial<McpLimits>;
  readonly stdio?: StdioSettings;
}): ToolPort {
  const limits: McpLimits = { ...defaultMcpLimits, ...settings.limits };
  const pool = createConnectionPool({
    open: (server) => openConnection(manifestOf(server), limits, settings.stdio ?? {}),
    idleTimeoutMs: limits.idleTimeoutMs,
  });

  function manifestOf(server: string): ToolServerManifest {
    const manifest = settings.servers().find(({ name }) => name === server);
    if (!manifest) throw new CountersignError('tool-unknown', { message: `no tool server ${server}` });
    return manifest;
  }
  const keyOf = (server: string): string => JSON.stringify(manifestOf(server).transport);

  return {
    list: async (server, { signal }) => listTools({ pool, server, key: keyOf(server), limits, signal }),
    call: async (request, { signal }) => callTool({ pool, request, key: keyOf(request.server), limits, signal }),
    close: () => pool.close(),
  };
}
