import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnnouncedTools } from '../../contracts/announced-tools.schema.ts';
import type { ToolServerManifest } from '../../contracts/tool-server.schema.ts';
import { toolPin } from '../../digest/tool-pin.ts';
import type { AnnouncedTool } from '../../ports/tool.port.ts';

export interface AnnounceSnapshotOptions {
  /** The folder `agents/servers`. */
  readonly serversFolder: string;
  readonly server: string;
  readonly transport: ToolServerManifest['transport'];
  /** As `tools/list` gave them, just now. */
  readonly announced: readonly AnnouncedTool[];
}

/**
 * Writes `<server>.announced.json` for a reviewer to read and commit, and returns the pin that
 * each tool's manifest must carry as `schema`, by tool name.
 */
export async function announceSnapshot(options: AnnounceSnapshotOptions): Promise<Readonly<Record<string, string>>> {
  const tools = options.announced.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const snapshot: AnnouncedTools = {
    apiVersion: 'countersign/v1',
    kind: 'AnnouncedTools',
    server: options.server,
    tools: tools.map(({ name, description, inputSchema, outputSchema }) => ({
      name,
      description,
      inputSchema,
      ...(outputSchema === undefined ? {} : { outputSchema }),
    })),
  };
  await writeFile(
    join(options.serversFolder, `${options.server}.announced.json`),
    `${JSON.stringify(snapshot, null, 2)}\n`,
  );
  return Object.fromEntries(tools.map((tool) => [tool.name, toolPin(options.transport, tool)]));
}
