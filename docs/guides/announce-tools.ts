/**
 * Asks a tool server what it announces, writes that beside its manifest for a reviewer to read, and prints the pins
 * that the manifest's tools must carry as `schema`:
 *
 *     npx node docs/guides/announce-tools.ts my-agent/agents/servers/cashbook.yaml
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';
import { announceSnapshot } from '../../src/adapters/catalogue-files/announce-snapshot.ts';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import { toolServerSchema } from '../../src/contracts/tool-server.schema.ts';

const file = process.argv[2];
if (file === undefined) throw new TypeError('the first argument must be a tool-server file');

// The tools of the file are what is about to be reviewed, so only name and transport are read.
const server = toolServerSchema
  .pick({ name: true, transport: true })
  .loose()
  .parse(parse(readFileSync(file, 'utf8')));
const { name, transport } = server;

const tools = createMcpTools({
  servers: () => [{ apiVersion: 'countersign/v1', kind: 'ToolServer', name, transport, tools: {} }],
});
try {
  const announced = await tools.list(name, { signal: AbortSignal.timeout(15_000) });
  const pins = await announceSnapshot({ serversFolder: dirname(file), server: name, transport, announced });
  for (const [tool, pin] of Object.entries(pins)) console.log(`${tool}: ${pin}`);
} finally {
  await tools.close();
}
