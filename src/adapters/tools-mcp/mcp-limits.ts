import { maxJsonDepth } from '../../digest/canonical-json.ts';

/** What a tool server may cost us. Bytes are UTF-8 bytes, times are milliseconds. */
export interface McpLimits {
  /** Of one answer's value. */
  readonly maxAnswerBytes: number;
  readonly maxAnswerDepth: number;
  /** Of all that a server announces. */
  readonly maxTools: number;
  readonly maxPages: number;
  readonly connectTimeoutMs: number;
  /** A connection that nobody used for so long is closed. */
  readonly idleTimeoutMs: number;
}

export const defaultMcpLimits: McpLimits = {
  maxAnswerBytes: 1024 * 1024,
  maxAnswerDepth: maxJsonDepth,
  maxTools: 512,
  maxPages: 64,
  connectTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
};

/** An answer usually stands twice on the wire (structured and as escaped text), so the wire limit is wider. */
export const wireBytes = (limits: McpLimits): number => limits.maxAnswerBytes * 4 + 64 * 1024;
