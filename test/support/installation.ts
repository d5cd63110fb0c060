import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announceSnapshot } from '../../src/adapters/catalogue-files/announce-snapshot.ts';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { serverManifest } from '../fakes/tool-server-manifest.ts';

/** A tool of the test's server as its manifest has it; the pin is taken from what the server announces. */
export interface TestTool {
  readonly effect: 'read' | 'write' | 'irreversible';
  readonly retry?: string;
  readonly record?: boolean;
  readonly args?: Readonly<Record<string, 'route' | 'payload' | 'inert'>>;
  readonly relations?: JsonObject;
  readonly timeout?: string;
}

export interface TestInstallation {
  readonly folder: string;
  readonly serverUrl: string;
  readonly tools: Readonly<Record<string, TestTool>>;
  /** Cedar text; the default permits every tool and the answer. */
  readonly policy?: string;
  readonly limits?: Partial<{ steps: number; toolCalls: number; tokens: number; costUsd: number; wallTime: string }>;
}

export const permitEverything = `
@id("everything") @advice("Everything is permitted here.")
permit (principal, action, resource);
`;

/** Writes agents and policies of a test as an operator would: one agent \`tester`, one server \`desk\`. */
export async function writeInstallation(
  installation: TestInstallation,
): Promise<{ readonly agents: string; readonly policies: string }> {
  const agents = join(installation.folder, 'agents');
  const servers = join(agents, 'servers');
  await mkdir(join(agents, 'tester'), { recursive: true });
  await mkdir(servers, { recursive: true });
  const pins = await pinsOf(servers, installation);
  await writeFile(join(servers, 'desk.yaml'), serverText(installation, pins));
  await writeFile(join(agents, 'tester', 'prompt.md'), 'You are a test agent.\n');
  await writeFile(join(agents, 'tester', 'agent.yaml'), agentText(installation));
  return { agents, policies: await writePolicies(installation) };
}

export async function writePolicies({ folder, policy }: Pick<TestInstallation, 'folder' | 'policy'>): Promise<string> {
  const policies = join(folder, 'policies');
  await mkdir(policies, { recursive: true });
  await writeFile(join(policies, 'test.cedar'), policy ?? permitEverything);
  return policies;
}

async function pinsOf(serversFolder: string, { serverUrl }: TestInstallation) {
  const manifest = serverManifest('desk', { url: serverUrl });
  const tools = createMcpTools({ servers: () => [manifest] });
  try {
    const announced = await tools.list('desk', { signal: AbortSignal.timeout(10_000) });
    return await announceSnapshot({ serversFolder, server: 'desk', transport: manifest.transport, announced });
  } finally {
    await tools.close();
  }
}

/** JSON is YAML, so manifests need no writer of their own. */
function serverText({ serverUrl, tools }: TestInstallation, pins: Readonly<Record<string, string>>): string {
  const entries = Object.entries(tools).map(([name, tool]) => [
    name,
    { retry: tool.effect === 'read' ? 'idempotent' : 'keyed', ...tool, schema: pins[name] },
  ]);
  return JSON.stringify({
    apiVersion: 'countersign/v1',
    kind: 'ToolServer',
    name: 'desk',
    transport: { url: serverUrl },
    tools: Object.fromEntries(entries),
  });
}

function agentText({ tools, limits }: TestInstallation): string {
  return JSON.stringify({
    apiVersion: 'countersign/v1',
    kind: 'Agent',
    name: 'tester',
    version: 1,
    owner: 'test-team',
    prompt: 'prompt.md',
    model: { alias: 'default' },
    tools: Object.keys(tools).map((name) => `desk.${name}`),
    limits: { steps: 50, toolCalls: 200, tokens: 10_000_000, costUsd: 100, wallTime: '1h', ...limits },
    data: { clearance: 'confidential', regions: ['eu'] },
  });
}
