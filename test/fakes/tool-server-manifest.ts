import { type ToolServerManifest, toolServerSchema } from '../../src/contracts/tool-server.schema.ts';

/** The manifest of a tool server that a test talks to directly; its tools are not pinned. */
export function serverManifest(
  name: string,
  transport: { url: string } | { command: string; args: string[] },
): ToolServerManifest {
  return toolServerSchema.parse({ apiVersion: 'countersign/v1', kind: 'ToolServer', name, transport, tools: {} });
}
