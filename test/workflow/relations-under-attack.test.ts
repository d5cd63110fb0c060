import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import type { FakeTool, RecordedToolCall } from '../fakes/fake-tool.ts';
import { calls, say } from '../fakes/openai-host.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import type { TestTool } from '../support/installation.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

const text = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  required: names,
  additionalProperties: false,
});

const policy = `
  @id("all") @advice("Permitted.") permit (principal, action, resource);
  @id("of-supplier") @advice("Not the account on record.")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.facts.ofSupplier };`;

const accounts: Readonly<Record<string, string>> = { S1: 'DE01', S2: 'DE02' };
const getSupplier: FakeTool & TestTool = {
  name: 'get_supplier',
  effect: 'read',
  record: true,
  inputSchema: text('id'),
  run: ({ id }) => ({ id: String(id), iban: accounts[String(id)] ?? '', status: 'active' }),
};
const pay: FakeTool & TestTool = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: text('supplier', 'iban'),
  relations: {
    ofSupplier: { from: 'get_supplier', key: { id: 'supplier' }, equal: { iban: 'iban' }, is: { status: 'active' } },
  },
  run: () => ({ paid: true }),
};

let governed: Governed | undefined;
let told: readonly unknown[] = [];
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
  told = [];
});

async function propose(proposals: readonly JsonObject[], tools = [getSupplier, pay], rules = policy) {
  const turns = [
    calls(proposals.map((args) => ({ name: 'desk__pay', args }))),
    (request: Parameters<typeof toolResults>[0]) => {
      told = toolResults(request);
      return say('Done.');
    },
  ];
  governed = await startGoverned({ tools, policy: rules, script: scripted(mandate({ pay: 9 }), turns) });
  return governed;
}

async function runToEnd(at: Governed) {
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  return at.server.calls.filter(({ tool }) => tool === 'pay').map(({ args }) => args);
}

describe('a relation', () => {
  test('is not fooled by a server that remembers answers by idempotency key', async () => {
    const remembered = new Map<string, JsonValue>();
    const remember = (tool: FakeTool & TestTool) => ({
      ...tool,
      run: async (args: JsonObject, call: RecordedToolCall) => {
        const key = call.headers['idempotency-key'] ?? '';
        if (!remembered.has(key)) remembered.set(key, (await tool.run(args, call)) as JsonValue);
        return remembered.get(key) ?? null;
      },
    });
    const at = await propose(
      [
        { supplier: 'S1', iban: 'DE01' },
        { supplier: 'S2', iban: 'DE01' },
      ],
      [remember(getSupplier), remember(pay)],
    );
    expect(await runToEnd(at)).toEqual([{ supplier: 'S1', iban: 'DE01' }]);
    expect(told).toMatchObject([{ paid: true }, { error: { rule: 'of-supplier' } }]);
  });

  test('does not hold for bytes that only look like the record’s, since the bytes are what is sent', async () => {
    const at = await propose([
      { supplier: 'S1', iban: 'ＤＥ０１' },
      { supplier: 'S1', iban: 'DE01\u200b' },
      { supplier: 'S1', iban: 'DE01' },
    ]);
    expect(await runToEnd(at)).toEqual([{ supplier: 'S1', iban: 'DE01' }]);
  });

  test('does not hold by a record tool that is no longer announced as it was reviewed', async () => {
    const at = await propose([{ supplier: 'S1', iban: 'DE01' }]);
    at.server.setTool({ ...getSupplier, description: 'Now says what anybody likes.' });
    expect(await runToEnd(at)).toEqual([]);
    expect(at.server.calls).toEqual([]);
  });

  test('holds for one of two effects where the first one ends it', async () => {
    let status = 'open';
    const getOrder = { ...getSupplier, run: async () => ({ iban: 'DE01', status: await soon(() => status) }) };
    const payOnce: FakeTool & TestTool = {
      ...pay,
      relations: {
        ofSupplier: { from: 'get_supplier', key: { id: 'supplier' }, equal: { iban: 'iban' }, is: { status: 'open' } },
      },
      run: async () => {
        await soon(() => undefined);
        status = 'invoiced';
        return { paid: true };
      },
    };
    const at = await propose(
      Array.from({ length: 6 }, (_, index) => ({ supplier: `S${index}`, iban: 'DE01' })),
      [getOrder, payOnce],
    );
    expect(await runToEnd(at)).toHaveLength(1);
  });
});

const soon = <Value>(read: () => Value) => new Promise<Value>((resolve) => void setTimeout(() => resolve(read()), 30));
