import type { JsonObject } from './json.ts';

/** One call as the model wrote it. `id` is the vendor's, so attacker-chosen: it pairs messages and names nothing else. */
export interface ModelToolCall {
  readonly id: string;
  /** The name the model was offered: `server__tool`. */
  readonly name: string;
  readonly args: JsonObject;
}

/** A call whose arguments were not a JSON object; it goes back to the model as `invalid-arguments`. */
export interface MalformedToolCall {
  readonly id: string;
  readonly name: string;
  readonly malformed: string;
}

/** What a model sees, and all that it sees: system prompt, the principal's task, its own words, tool results. */
export type Message =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls: readonly (ModelToolCall | MalformedToolCall)[];
    }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly toolName: string; readonly content: string };

/** Tokens and money of one model call. `costMicroUsd` is in millionths of a dollar; 0 where no price is configured. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
}
