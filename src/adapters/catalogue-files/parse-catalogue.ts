import type { ToolServerManifest } from '../../contracts/tool-server.schema.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { CatalogueTool, PublishedAgent } from '../../ports/catalogue.port.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { checkTools } from './check-tools.ts';
import { parseAgents } from './parse-agents.ts';
import { parseServers } from './parse-servers.ts';

export interface CatalogueContent {
  readonly agents: readonly PublishedAgent[];
  readonly servers: readonly ToolServerManifest[];
  readonly tools: ReadonlyMap<string, CatalogueTool>;
}

/** Files → catalogue, with every problem found. The content may be used only where there is none. Pure. */
export function parseCatalogue(files: SourceFiles): {
  readonly content: CatalogueContent;
  readonly problems: readonly FieldError[];
} {
  const problems: FieldError[] = [];
  const servers = parseServers(files, problems);
  checkTools(servers, problems);
  const tools = new Map(servers.flatMap((server) => server.tools.map((tool) => [tool.name, tool] as const)));
  const agents = parseAgents(files, tools, problems);
  return { content: { agents, servers: servers.map(({ manifest }) => manifest), tools }, problems };
}
