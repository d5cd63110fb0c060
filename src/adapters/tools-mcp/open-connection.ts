import { Client, type Tool, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ToolServerManifest } from '../../contracts/tool-server.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { boundedStderr } from './bounded-stderr.ts';
import { TracedHttpTransport } from './http-transport.ts';
import { type McpLimits, wireBytes } from './mcp-limits.ts';

export interface StdioSettings {
  /** Where a command is started; relative script paths in manifests are relative to it. */
  readonly cwd?: string;
  /** Added to PATH, HOME, USER, LOGNAME, SHELL and TERM, which are all that a child inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hears what a server writes to stderr, at most 64 KiB of it a process. */
  readonly onStderr?: (server: string, text: string) => void;
}

export interface Connection {
  readonly server: string;
  readonly client: Client;
  /** As announced on this connection; lets the SDK mirror arguments into headers where a tool asks for that. */
  readonly announced: Map<string, Tool>;
  readonly overHttp: boolean;
  readonly hasSession: () => boolean;
  /** Closed by the other side: calls on it fail before anything is sent. */
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/** Throws `tool-unreachable`. Nothing but the handshake has been sent when it returns or throws. */
export async function openConnection(
  manifest: ToolServerManifest,
  limits: McpLimits,
  stdio: StdioSettings,
): Promise<Connection> {
  const client = new Client(
    { name: 'countersign', version: '1' },
    {
      // No sampling, no elicitation, no roots: a server cannot ask the engine, or its people, for anything.
      capabilities: {},
      inputRequired: { autoFulfill: false },
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.ceil(limits.connectTimeoutMs / 3) } },
    },
  );
  const http =
    'url' in manifest.transport ? new TracedHttpTransport(new URL(manifest.transport.url), wireBytes(limits)) : null;
  const transport: Transport = http ?? stdioTransport(manifest, limits, stdio);
  try {
    await client.connect(transport, {
      timeout: limits.connectTimeoutMs,
      signal: AbortSignal.timeout(limits.connectTimeoutMs),
    });
  } catch {
    // The SDK's error may quote the address or what the server wrote, so it goes no further.
    await transport.close().catch(() => undefined);
    throw new CountersignError('tool-unreachable', {
      message: `tool server ${manifest.name}: no MCP session could be opened`,
    });
  }
  return {
    server: manifest.name,
    client,
    announced: new Map(),
    overHttp: http !== null,
    hasSession: () => http?.sessionId !== undefined,
    isOpen: () => client.transport !== undefined,
    close: async () => {
      if (http?.sessionId !== undefined) await settledWithin(http.terminateSession(), 1_000);
      await client.close().catch(() => undefined);
    },
  };
}

function stdioTransport(manifest: ToolServerManifest, limits: McpLimits, stdio: StdioSettings): StdioClientTransport {
  if (!('command' in manifest.transport)) throw new CountersignError('manifest-invalid');
  const transport = new StdioClientTransport({
    command: manifest.transport.command,
    args: [...manifest.transport.args],
    env: { ...stdio.env },
    stderr: 'pipe',
    maxBufferSize: wireBytes(limits),
    ...(stdio.cwd === undefined ? {} : { cwd: stdio.cwd }),
  });
  boundedStderr(transport.stderr, (text) => stdio.onStderr?.(manifest.name, text));
  return transport;
}

async function settledWithin(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
