import type { CallToolResult } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';

/** One `tools/call` as it arrived over HTTP. */
export interface RecordedToolCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly meta: JsonObject;
  /** True once the tool's `run` was entered. */
  executed: boolean;
}

/** A whole result as it goes over the wire, where a plain value is not enough. */
export class WireResult {
  readonly result: CallToolResult;
  constructor(result: CallToolResult) {
    this.result = result;
  }
}

export interface FakeTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: JsonObject;
  readonly outputSchema?: JsonObject;
  /** A JSON object is answered as structured content and as text; other JSON as text. Throwing is `isError`. */
  readonly run: (args: JsonObject, call: RecordedToolCall) => JsonValue | WireResult | Promise<JsonValue | WireResult>;
}

/** The tool says that it failed. */
export const toolError = (message: string): WireResult =>
  new WireResult({ isError: true, content: [{ type: 'text', text: message }] });

/** Only text, no structured content. */
export const textAnswer = (...texts: readonly string[]): WireResult =>
  new WireResult({ content: texts.map((text) => ({ type: 'text', text })) });

export async function runFakeTool(tool: FakeTool | undefined, call: RecordedToolCall): Promise<CallToolResult> {
  if (!tool) return toolError(`Tool ${call.tool} not found`).result;
  call.executed = true;
  try {
    const value = await tool.run(call.args, call);
    if (value instanceof WireResult) return value.result;
    const text = { type: 'text' as const, text: typeof value === 'string' ? value : JSON.stringify(value) };
    return isJsonObject(value) ? { content: [text], structuredContent: { ...value } } : { content: [text] };
  } catch (error) {
    return toolError(error instanceof Error ? error.message : String(error)).result;
  }
}
