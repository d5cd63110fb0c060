import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announceSnapshot } from '../../src/adapters/catalogue-files/announce-snapshot.ts';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import { serverManifest } from '../../test/fakes/tool-server-manifest.ts';

/** Policy allows its notes at once. */
export const benchAgent = 'bench';
/** Policy asks a person before each of its notes. */
export const askingAgent = 'bench-asking';

const policies = `
@id("bench-notes")
@advice("The agents of the benchmark may note steps.")
permit (principal, action in Action::"WriteTools", resource)
when { resource.server == "bench" };

@id("bench-asks")
@advice("Notes of this agent need a person.")
@ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"12h\\",\\"stepUp\\":false}")
forbid (principal == Agent::"${askingAgent}", action in Action::"WriteTools", resource)
unless { context.approval.granted };

@id("bench-starts")
@advice("Anybody of this tenant may start the benchmark.")
permit (principal, action == Action::"start-run", resource);

@id("bench-answers")
@advice("A run may answer whoever started it.")
permit (principal, action == Action::"answer", resource)
when { principal.tenant == resource.tenant };
`;

export interface BenchInstallation {
  readonly agents: string;
  readonly policies: string;
}

/** Agents, a pinned tool server and policies, as an operator would write them. */
export async function writeBenchInstallation(folder: string, toolServerUrl: string): Promise<BenchInstallation> {
  const agents = join(folder, 'agents');
  const servers = join(agents, 'servers');
  await mkdir(servers, { recursive: true });
  const { note: schema = '' } = await pinsOf(servers, toolServerUrl);
  const server = {
    apiVersion: 'countersign/v1',
    kind: 'ToolServer',
    name: 'bench',
    transport: { url: toolServerUrl },
    tools: { note: { schema, effect: 'write', retry: 'keyed', args: { step: 'inert', text: 'payload' } } },
  };
  await writeFile(join(servers, 'bench.yaml'), JSON.stringify(server));
  for (const name of [benchAgent, askingAgent]) await writeAgent(agents, name);
  const policyFolder = join(folder, 'policies');
  await mkdir(policyFolder, { recursive: true });
  await writeFile(join(policyFolder, 'bench.cedar'), policies);
  return { agents, policies: policyFolder };
}

async function pinsOf(serversFolder: string, toolServerUrl: string): Promise<Readonly<Record<string, string>>> {
  const manifest = serverManifest('bench', { url: toolServerUrl });
  const tools = createMcpTools({ servers: () => [manifest] });
  try {
    const announced = await tools.list('bench', { signal: AbortSignal.timeout(10_000) });
    return await announceSnapshot({ serversFolder, server: 'bench', transport: manifest.transport, announced });
  } finally {
    await tools.close();
  }
}

/** JSON is YAML, so a manifest needs no writer of its own. */
async function writeAgent(agents: string, name: string): Promise<void> {
  const folder = join(agents, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'prompt.md'), 'You note steps.\n');
  const agent = {
    apiVersion: 'countersign/v1',
    kind: 'Agent',
    name,
    version: 1,
    owner: 'bench-team',
    prompt: 'prompt.md',
    model: { alias: 'default' },
    tools: ['bench.note'],
    limits: { steps: 1_000, toolCalls: 1_000, tokens: 1_000_000_000, costUsd: 1_000, wallTime: '8h' },
    data: { clearance: 'internal', regions: ['eu'] },
  };
  await writeFile(join(folder, 'agent.yaml'), JSON.stringify(agent));
}
