import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agentSchema } from '../../src/contracts/agent.schema.ts';
import { toolServerSchema } from '../../src/contracts/tool-server.schema.ts';
import { toolPin } from '../../src/digest/tool-pin.ts';
import type { AnnouncedTool } from '../../src/ports/tool.port.ts';
import { createDataFolder, type RunningDesk, startDesk } from './invoice-desk-process.ts';

const agents = new URL('../../agents/', import.meta.url);
const manifest = toolServerSchema.parse(parse(readFileSync(new URL('servers/invoices.yaml', agents), 'utf8')));
const agent = agentSchema.parse(parse(readFileSync(new URL('invoice-desk/agent.yaml', agents), 'utf8')));
const data = createDataFolder();
let desk: RunningDesk;

beforeAll(async () => {
  desk = await startDesk(data.path);
});

afterAll(async () => {
  desk.process.kill('SIGTERM');
  await desk.exited();
  data.remove();
});

test.each(['auto', 'legacy'] as const)(
  'every pin in the manifest is the hash of what the desk announces (%s)',
  async (mode) => {
    const connection = await desk.connect(mode);
    const announced = await connection.announced();
    const pins = Object.fromEntries(announced.map((tool) => [tool.name, toolPin(manifest.transport, tool)]));
    expect(Object.fromEntries(Object.entries(manifest.tools).map(([name, tool]) => [name, tool.schema]))).toEqual(pins);
    await connection.close();
  },
);

test('the manifest gives every argument of every tool a role, and no other', async () => {
  const connection = await desk.connect();
  const announced = await connection.announced();
  const declared = Object.fromEntries(
    Object.entries(manifest.tools).map(([name, tool]) => [name, Object.keys(tool.args).sort()]),
  );
  expect(declared).toEqual(Object.fromEntries(announced.map((tool) => [tool.name, argumentsOf(tool).sort()])));
  await connection.close();
});

test('every schema is closed', async () => {
  const connection = await desk.connect();
  const announced = await connection.announced();
  const closed = announced.filter(
    ({ inputSchema, outputSchema }) =>
      inputSchema['additionalProperties'] === false && outputSchema?.['additionalProperties'] === false,
  );
  expect(closed).toEqual(announced);
  await connection.close();
});

test('relations rest on record tools and on arguments that exist', () => {
  for (const tool of Object.values(manifest.tools)) {
    for (const relation of Object.values(tool.relations)) {
      const record = manifest.tools[relation.from];
      expect(record?.record).toBe(true);
      expect(Object.keys(record?.args ?? {})).toEqual(expect.arrayContaining(Object.keys(relation.key)));
      expect(Object.keys(tool.args)).toEqual(
        expect.arrayContaining([...Object.values(relation.key), ...Object.values(relation.equal)]),
      );
    }
  }
});

test('the agent may use only tools of the manifest, and none that takes payments back', () => {
  const known = Object.keys(manifest.tools).map((name) => `${manifest.name}.${name}`);
  expect(known).toEqual(expect.arrayContaining(agent.tools));
  expect(agent.tools).not.toContain('invoices.cancel_payment');
});

function argumentsOf(tool: AnnouncedTool): string[] {
  return Object.keys(tool.inputSchema['properties'] ?? {});
}
