import type { JsonObject, JsonValue } from '../domain/json.ts';

/** A tool as its MCP server announces it right now. */
export interface AnnouncedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
}

export interface ToolCallRequest {
  readonly server: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** The effect key; sent as header `idempotency-key` and as `_meta["countersign.dev/idempotency-key"]`. */
  readonly idempotencyKey: string;
  /** `countersign-run-id`, `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** `failed` is the server's own word that the tool reported an error; anything less certain is thrown. */
export type ToolOutcome =
  | { readonly kind: 'result'; readonly value: JsonValue }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Tool servers, spoken to over MCP. Fails with a `CountersignError`:
 * `tool-unreachable` (certainly not delivered), `tool-outcome-unknown` (sent, answer lost),
 * `tool-answer-invalid` (answered with what cannot be read or is over the limits).
 */
export interface ToolPort {
  list(server: string, options: { readonly signal: AbortSignal }): Promise<readonly AnnouncedTool[]>;
  call(request: ToolCallRequest, options: { readonly signal: AbortSignal }): Promise<ToolOutcome>;
  close(): Promise<void>;
}
