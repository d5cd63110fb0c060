import type { AgentManifest } from '../contracts/agent.schema.ts';
import type { ToolManifest, ToolServerManifest } from '../contracts/tool-server.schema.ts';
import type { AnnouncedTool } from './tool.port.ts';

export interface PublishedAgent {
  readonly manifest: AgentManifest;
  readonly prompt: string;
  readonly promptDigest: string;
  /** Over agent.yaml, prompt, and the manifests of the agent's tools. */
  readonly manifestDigest: string;
}

export interface CatalogueTool {
  /** `server.tool` */
  readonly name: string;
  readonly server: string;
  readonly manifest: ToolManifest;
  /** As the server announced it when a person reviewed it; its `toolPin` is the manifest's `schema`. */
  readonly announced: AnnouncedTool;
}

/** What has been reviewed and may be used. A broken file never replaces what is in force. */
export interface Catalogue {
  agents(): readonly PublishedAgent[];
  /** The newest version when none is named. */
  agent(name: string, version?: number): PublishedAgent | undefined;
  /** Exactly what a run's ticket was issued for, also after newer content has replaced it. */
  pinned(manifestDigest: string): PublishedAgent | undefined;
  servers(): readonly ToolServerManifest[];
  tool(name: string): CatalogueTool | undefined;
}
