import type { JsonObject } from '../domain/json.ts';
import type { MalformedToolCall, Message, ModelToolCall, ModelUsage } from '../domain/transcript.ts';

/** A tool as the model is offered it. */
export interface ModelTool {
  /** `server__tool`, at most 64 characters. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema (2020-12) of the arguments. */
  readonly inputSchema: JsonObject;
}

export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly ModelTool[];
  /** `auto`: the model may answer or call; a name: it must call exactly that tool. */
  readonly toolChoice: 'auto' | { readonly force: string };
  readonly maxOutputTokens?: number;
  /** Sent with the request: `countersign-run-id`, `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ModelAnswer {
  /** The text, also where it stands beside tool calls. */
  readonly text: string;
  readonly toolCalls: readonly (ModelToolCall | MalformedToolCall)[];
  readonly finish: 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'other';
  readonly usage: ModelUsage;
  /** The model's own name, as the host reported it. */
  readonly model: string;
}

export interface ModelDescription {
  readonly id: string;
  /** True of the embedded rehearsal model, which every surface must label as what it is. */
  readonly rehearsal: boolean;
}

/**
 * One model, one call at a time, no retries of its own: Temporal owns those.
 * Fails with a `CountersignError` of the codes `model-rate-limited`, `model-unavailable`,
 * `model-refused`, `model-request-invalid` or `model-answer-invalid`.
 */
export interface ModelPort {
  readonly description: ModelDescription;
  generate(request: ModelRequest, options: { readonly signal: AbortSignal }): Promise<ModelAnswer>;
}
