import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { announceSnapshot } from '../../../src/adapters/catalogue-files/announce-snapshot.ts';
import { type FileCatalogue, openCatalogue } from '../../../src/adapters/catalogue-files/open-catalogue.ts';
import { checkPolicies } from '../../../src/adapters/policy-cedar/check-policies.ts';
import { createMcpTools } from '../../../src/adapters/tools-mcp/create-mcp-tools.ts';

const guide = 'docs/guides/first-agent';
/** Below node_modules, so that the copy finds its packages. */
const checkout = 'node_modules/.cache/first-agent';
let folder: string;
let catalogue: FileCatalogue;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-docs-'));
  const log = { info: () => undefined, warn: () => undefined };
  catalogue = await openCatalogue({ folder: `${guide}/agents`, lastGood: join(folder, 'last-good'), log });
});

afterAll(async () => {
  for (const made of [folder, checkout]) await rm(made, { recursive: true, force: true });
});

test('the first agent of the guide is published with all its tools', () => {
  expect(catalogue.errors).toEqual([]);
  expect(catalogue.agent('petty-cash', undefined)?.manifest.tools).toEqual(
    catalogue.servers().flatMap(({ name, tools }) => Object.keys(tools).map((tool) => `${name}.${tool}`)),
  );
});

test('its policies pass their own check', async () => {
  const { findings, cases } = await checkPolicies(`${guide}/policies`, catalogue);
  expect(findings).toEqual([]);
  expect(cases.passed).toBe(cases.total);
});

test('its server announces, once it is copied as the guide says, what its manifest pins', async () => {
  const [server] = catalogue.servers();
  if (server === undefined) throw new TypeError('the guide has a tool server');
  await cp(guide, join(checkout, 'my-agent'), { recursive: true });
  const running = createMcpTools({
    servers: () => [server],
    stdio: { cwd: checkout, env: { PATH: dirname(process.execPath) } },
  });
  try {
    const announced = await running.list(server.name, { signal: AbortSignal.timeout(15_000) });
    const { transport } = server;
    const pins = await announceSnapshot({ serversFolder: folder, server: server.name, transport, announced });
    expect(Object.entries(pins)).toEqual(Object.entries(server.tools).map(([name, { schema }]) => [name, schema]));
    const snapshot = `${server.name}.announced.json`;
    expect(await readFile(join(folder, snapshot), 'utf8')).toBe(
      await readFile(join(guide, 'agents/servers', snapshot), 'utf8'),
    );
  } finally {
    await running.close();
  }
});
