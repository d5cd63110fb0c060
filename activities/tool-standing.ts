import type { ToolServerManifest } from '../src/contracts/tool-server.schema.ts';
import { toolPin } from '../src/digest/tool-pin.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import type { Clock } from '../src/ports/clock.port.ts';
import type { AnnouncedTool } from '../src/ports/tool.port.ts';
import type { DecisionDeps } from './activity-deps.ts';

/** How long an announcement is believed before the server is asked again. */
const believedForMs = 30_000;

/** Whether a tool is still what somebody reviewed: `changed` stops calls until it is reviewed again. */
export interface ToolStandings {
  pinOf(tool: CatalogueTool, signal: AbortSignal): Promise<string | undefined>;
  isUnchanged(tool: CatalogueTool, signal: AbortSignal): Promise<boolean>;
}

interface Announcement {
  readonly at: number;
  readonly pins: ReadonlyMap<string, string>;
}

export function createToolStandings({
  catalogue,
  tools,
  clock,
}: Pick<DecisionDeps, 'catalogue' | 'tools' | 'clock'>): ToolStandings {
  const announcements = new Map<string, Announcement>();

  /** A server that announces what cannot be read announces nothing that somebody reviewed. */
  const announcedBy = async (server: string, signal: AbortSignal): Promise<readonly AnnouncedTool[]> => {
    try {
      return await tools.list(server, { signal });
    } catch (error) {
      if (error instanceof CountersignError && error.code === 'tool-answer-invalid') return [];
      throw error;
    }
  };

  const pinsOf = async (server: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
    const known = announcements.get(server);
    if (known !== undefined && isFresh(clock, known)) return known.pins;
    const manifest = catalogue.servers().find((candidate) => candidate.name === server);
    if (manifest === undefined) return new Map();
    const pins = pinsByName(manifest, await announcedBy(server, signal));
    announcements.set(server, { at: clock.now(), pins });
    return pins;
  };

  const pinOf = async (tool: CatalogueTool, signal: AbortSignal) =>
    (await pinsOf(tool.server, signal)).get(tool.announced.name);

  return {
    pinOf,
    isUnchanged: async (tool, signal) => (await pinOf(tool, signal)) === tool.manifest.schema,
  };
}

function isFresh(clock: Clock, announcement: Announcement): boolean {
  const age = clock.now() - announcement.at;
  return age >= 0 && age < believedForMs;
}

function pinsByName(manifest: ToolServerManifest, announced: readonly AnnouncedTool[]): ReadonlyMap<string, string> {
  return new Map(announced.map((tool) => [tool.name, toolPin(manifest.transport, tool)]));
}
