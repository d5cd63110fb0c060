import type { JsonObject } from '../../src/domain/json.ts';
import type { Message, ModelToolCall } from '../../src/domain/transcript.ts';
import type { ModelPort } from '../../src/ports/model.port.ts';
import type { ToolPort } from '../../src/ports/tool.port.ts';
import { noteTool } from '../hosts/note-tool.ts';

export interface PlainActivities {
  callModel(call: { readonly runId: string; readonly messages: readonly Message[] }): Promise<PlainAnswer>;
  callTool(call: {
    readonly runId: string;
    readonly name: string;
    readonly args: JsonObject;
    readonly key: string;
  }): Promise<string>;
  doNothing(): Promise<void>;
}

export interface PlainAnswer {
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The same adapters as Countersign's activities use, with nothing around them. */
export function createPlainActivities(ports: { readonly model: ModelPort; readonly tools: ToolPort }): PlainActivities {
  const { signal } = new AbortController();
  const offered = { name: 'bench__note', description: noteTool.description, inputSchema: noteTool.inputSchema };
  return {
    doNothing: async () => undefined,
    async callModel({ runId, messages }) {
      const headers = { 'countersign-run-id': runId, traceparent };
      const { text, toolCalls } = await ports.model.generate(
        { messages, tools: [offered], toolChoice: 'auto', headers },
        { signal },
      );
      return { text, toolCalls: toolCalls.flatMap((call) => ('args' in call ? [call] : [])) };
    },
    async callTool({ runId, name, args, key }) {
      const headers = { 'countersign-run-id': runId, traceparent };
      const [server = '', tool = ''] = name.split('__');
      const outcome = await ports.tools.call(
        { server, tool, args, idempotencyKey: key, headers, timeoutMs: 30_000 },
        { signal },
      );
      return JSON.stringify(outcome.kind === 'result' ? outcome.value : { error: outcome.message });
    },
  };
}
