import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relationFacts } from '../../../activities/relation-facts.ts';
import { type Relation, relationSchema, toolManifestSchema } from '../../../src/contracts/tool-server.schema.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import type { CatalogueTool } from '../../../src/ports/catalogue.port.ts';
import type { ToolCallRequest, ToolOutcome } from '../../../src/ports/tool.port.ts';

const run = { tenant: 'default', runId: 'run-1' };
const signal = new AbortController().signal;
const schema = `sha256:${'0'.repeat(64)}`;

function tool(name: string, manifest: object): CatalogueTool {
  return {
    name: `desk.${name}`,
    server: 'desk',
    announced: { name, description: '', inputSchema: { type: 'object' } },
    manifest: toolManifestSchema.parse({ schema, retry: 'idempotent', ...manifest }),
  };
}

const lookup = tool('get_supplier', { effect: 'read', record: true });

/** The truth of one relation over a record, and what was asked of the record's server. */
async function truthOf(
  relation: Partial<Relation>,
  args: JsonObject,
  answer: ToolOutcome | CountersignError,
  source: CatalogueTool | undefined = lookup,
): Promise<{ readonly holds: boolean | undefined; readonly asked: readonly ToolCallRequest[] }> {
  const asked: ToolCallRequest[] = [];
  const whole = relationSchema.parse({ from: 'get_supplier', key: { id: 'supplier' }, ...relation });
  const tools = {
    list: async () => [],
    close: async () => undefined,
    call: async (request: ToolCallRequest) => {
      asked.push(request);
      if (answer instanceof CountersignError) throw answer;
      return answer;
    },
  };
  const catalogue = {
    tool: () => source,
    servers: () => [],
    pinned: () => undefined,
    agent: () => undefined,
    agents: () => [],
  };
  const pay = tool('pay', { effect: 'irreversible', relations: { holds: whole } });
  const { facts } = await relationFacts({ tools, catalogue }, run, pay, args, signal);
  return { holds: facts['holds'], asked };
}

const record = (value: JsonValue): ToolOutcome => ({ kind: 'result', value });
const iban = { equal: { iban: 'iban' } };

async function agree(recorded: JsonValue, wanted: JsonValue): Promise<boolean | undefined> {
  return (await truthOf(iban, { supplier: 's1', iban: wanted }, record({ iban: recorded }))).holds;
}

const json = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constant({}),
  fc.constant([]),
);

describe('two values of a relation', () => {
  test('agree only if they are of one type', async () => {
    await fc.assert(
      fc.asyncProperty(json, json, async (recorded, wanted) => {
        if ((await agree(recorded, wanted)) === true) {
          expect(typeof recorded).toBe(typeof wanted);
          expect(['string', 'number', 'boolean']).toContain(typeof recorded);
        }
      }),
    );
  });

  test('agree with themselves, unless they are nothing that can be compared', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect(await agree(value, value)).toBe(typeof value !== 'object');
      }),
    );
  });

  test('agree as text by exactly the bytes that are sent, or the record’s own normal form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), async (recorded, wanted) => {
        const isSame = wanted === recorded || wanted === recorded.normalize('NFKC');
        expect(await agree(recorded, wanted)).toBe(isSame);
      }),
    );
    expect(await agree('DE89', 'ＤＥ８９')).toBe(false);
    expect(await agree('paypal', 'pаypal')).toBe(false);
    expect(await agree('12', 12)).toBe(false);
    expect(await agree('true', true)).toBe(false);
    expect(await agree('iban', 'IBAN')).toBe(false);
  });
});

describe('a relation', () => {
  const args = { supplier: 's1', iban: 'DE1' };

  test('asks the operator’s record by the keys of this call, and nobody else', async () => {
    const { holds, asked } = await truthOf(iban, args, record({ iban: 'DE1' }));
    expect(holds).toBe(true);
    expect(asked).toMatchObject([{ server: 'desk', tool: 'get_supplier', args: { id: 's1' } }]);
  });

  test('is false where its key is missing, and asks nobody', async () => {
    for (const without of [{ iban: 'DE1' }, { supplier: null, iban: 'DE1' }]) {
      expect(await truthOf(iban, without, record({ iban: 'DE1' }))).toEqual({ holds: false, asked: [] });
    }
  });

  test('is false where there is no record, or no field, or no argument', async () => {
    expect((await truthOf(iban, args, record('not found'))).holds).toBe(false);
    expect((await truthOf(iban, args, record(['DE1']))).holds).toBe(false);
    expect((await truthOf(iban, args, { kind: 'failed', message: 'no such supplier' })).holds).toBe(false);
    expect((await truthOf(iban, args, record({}))).holds).toBe(false);
    expect((await truthOf(iban, { supplier: 's1' }, record({ iban: 'DE1' }))).holds).toBe(false);
    expect((await truthOf({ equal: { 'bank.iban': 'iban' } }, args, record({ bank: 'DE1' }))).holds).toBe(false);
  });

  test('is false where the record is not one that the operator alone writes', async () => {
    const answers = record({ iban: 'DE1' });
    for (const source of [
      tool('get_supplier', { effect: 'read' }),
      tool('get_supplier', { effect: 'write', record: true }),
    ]) {
      expect(await truthOf(iban, args, answers, source)).toEqual({ holds: false, asked: [] });
    }
  });

  test('takes nothing from what every object has', async () => {
    for (const field of ['constructor.name', '__proto__.x', 'toString']) {
      expect(
        (await truthOf({ equal: { [field]: 'iban' } }, { supplier: 's1', iban: 'Object' }, record({}))).holds,
      ).toBe(false);
    }
  });

  test('holds only if every comparison does', async () => {
    const both: Partial<Relation> = { equal: { iban: 'iban' }, is: { active: true } };
    expect((await truthOf(both, args, record({ iban: 'DE1', active: true }))).holds).toBe(true);
    expect((await truthOf(both, args, record({ iban: 'DE1', active: 'true' }))).holds).toBe(false);
    expect((await truthOf(both, args, record({ iban: 'DE2', active: true }))).holds).toBe(false);
  });

  test('is not guessed where the record cannot be read', async () => {
    for (const code of ['tool-unreachable', 'tool-outcome-unknown', 'tool-answer-invalid'] as const) {
      await expect(truthOf(iban, args, new CountersignError(code))).rejects.toMatchObject({
        code: 'facts-unavailable',
      });
    }
  });
});
