import { ProtocolError, type Tool } from '@modelcontextprotocol/client';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ToolCallRequest, ToolOutcome } from '../../ports/tool.port.ts';
import { type CallTrace, currentCall, openTrace } from './call-trace.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { listTools } from './list-tools.ts';
import type { McpLimits } from './mcp-limits.ts';
import type { Connection } from './open-connection.ts';
import { readAnswer } from './tool-answer.ts';
import { headerMismatch, readFailure } from './tool-failure.ts';

/** A timer beyond 2^31 ms would fire at once. */
const longestTimeoutMs = 7 * 24 * 3_600_000;

export interface ToolCallWork {
  readonly pool: ConnectionPool;
  readonly request: ToolCallRequest;
  readonly key: string;
  readonly limits: McpLimits;
  readonly signal: AbortSignal;
}

/** Sent again once, and only where the first attempt was turned down before the tool was begun. */
export async function callTool(work: ToolCallWork): Promise<ToolOutcome> {
  const first = await callOnce(work);
  if (first !== 'not-begun') return first;
  const second = await callOnce(work);
  if (second !== 'not-begun') return second;
  throw new CountersignError('tool-unreachable', {
    message: `tool server ${work.request.server}: it turns calls down`,
  });
}

async function callOnce(work: ToolCallWork): Promise<ToolOutcome | 'not-begun'> {
  const { request, pool, limits } = work;
  return pool.use({ server: request.server, key: work.key, signal: work.signal }, async (connection) => {
    const trace = openTrace();
    const hadSession = connection.hasSession();
    try {
      return readAnswer(await send(connection, work, trace), limits);
    } catch (error) {
      if (lacksDefinition(error, connection, request.tool)) {
        await listTools({ pool, server: request.server, key: work.key, limits, signal: work.signal });
        return 'not-begun';
      }
      const outcome = readFailure(error, trace, `${request.server}.${request.tool}`);
      if (!(outcome instanceof CountersignError)) return outcome;
      if (outcome.code !== 'tool-answer-invalid') pool.retire(connection);
      // A server that restarted answers so to the old session before it looks at the call.
      if (hadSession && trace.status === 404) return 'not-begun';
      throw outcome;
    }
  });
}

function lacksDefinition(error: unknown, connection: Connection, tool: string): boolean {
  return ProtocolError.isInstance(error) && error.code === headerMismatch && !connection.announced.has(tool);
}

async function send(connection: Connection, work: ToolCallWork, trace: CallTrace) {
  const { request, signal } = work;
  const { controller } = trace;
  // Aborted before anything was sent: the trace still says `unsent`, so this ends as `tool-unreachable`.
  signal.throwIfAborted();
  const abort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const timeoutMs = Math.min(request.timeoutMs, longestTimeoutMs);
  const timer = setTimeout(() => controller.abort(new Error('timed out')), timeoutMs);
  // Over stdio nothing tells when the bytes left, so the call counts as sent from here on.
  if (!connection.overHttp) trace.delivery = 'sent';
  try {
    return await currentCall.run(trace, () =>
      connection.client.callTool(
        { name: request.tool, arguments: { ...request.args }, _meta: metaOf(request) },
        {
          signal: controller.signal,
          // The timer above is the one that counts; the SDK's own default of a minute must not come first.
          timeout: timeoutMs + 60_000,
          headers: { ...request.headers, 'idempotency-key': request.idempotencyKey },
          toolDefinition: definitionOf(connection, request.tool),
        },
      ),
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function metaOf(request: ToolCallRequest): Record<string, string> {
  const traceparent = request.headers['traceparent'];
  return {
    'countersign.dev/idempotency-key': request.idempotencyKey,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * Without the output schema: the SDK would check it after the tool ran and report a mismatch
 * as if the server had turned the call down.
 */
function definitionOf(connection: Connection, name: string): Tool {
  const { outputSchema: _unchecked, ...tool } = connection.announced.get(name) ?? {
    name,
    inputSchema: { type: 'object' },
  };
  return tool;
}
