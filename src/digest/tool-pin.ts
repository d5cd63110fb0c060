import type { ToolServerManifest } from '../contracts/tool-server.schema.ts';
import { isLoopback } from '../domain/loopback.ts';
import type { AnnouncedTool } from '../ports/tool.port.ts';
import { type Digest, digestOf } from './digest.ts';

/**
 * What a reviewer agreed to: name, description and schemas as announced, and where they were announced.
 * A change of any of them stops calls until somebody has reviewed the tool again.
 */
export function toolPin(transport: ToolServerManifest['transport'], announced: AnnouncedTool): Digest {
  return digestOf('tool', {
    name: announced.name,
    description: announced.description,
    inputSchema: announced.inputSchema,
    outputSchema: announced.outputSchema ?? null,
    origin: originOf(transport),
  });
}

/** On loopback a port is no identity: any local process may hold it, so only the path counts there. */
function originOf(transport: ToolServerManifest['transport']): string {
  if (!('url' in transport)) return ['stdio:', transport.command, ...transport.args].join(' ');
  const url = new URL(transport.url);
  return isLoopback(url.hostname) ? `loopback:${url.pathname}` : `${url.origin}${url.pathname}`;
}
