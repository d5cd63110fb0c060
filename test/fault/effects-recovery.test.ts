import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { McpFault } from '../fakes/mcp-fault.ts';
import { call, type RecordedChat, say } from '../fakes/openai-host.ts';
import { createFaultyLedger } from '../support/faulty-ledger.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { permitEverything } from '../support/installation.ts';
import { assertRunInvariants } from '../support/run-invariants.ts';
import { mandate, toolResults } from '../support/scripted-model.ts';

/** Named after their retry classes. */
const tools = ['idempotent', 'keyed', 'probed', 'never'] as const;
type ToolName = (typeof tools)[number];

/** What the tools' side knows: keys whose effect happened, and how often each was executed. */
const executed = new Map<string, number>();

const effectTool = (name: ToolName, retry: string) =>
  ({
    name,
    retry,
    effect: 'irreversible',
    timeout: '1s',
    run: (_: JsonObject, { headers }: { headers: Readonly<Record<string, string>> }) => {
      const key = headers['idempotency-key'] ?? '';
      executed.set(key, (executed.get(key) ?? 0) + 1);
      return { done: true };
    },
  }) as const;

const probe = {
  name: 'did_happen',
  effect: 'read',
  inputSchema: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] },
  run: ({ key }: JsonObject) =>
    executed.has(String(key)) ? { happened: true, result: { done: true } } : { happened: false },
} as const;

let at: Governed;
const ledger = createFaultyLedger();
/** What the model was told of its call, by effect key. */
const told = new Map<string, unknown>();

/** The task names the tool that the model calls. */
function script(request: RecordedChat) {
  if (request.forced !== null) return mandate(Object.fromEntries(tools.map((name) => [name, 1])));
  const task = request.messages.find((message) => message['role'] === 'user')?.['content'];
  if (!request.messages.some((message) => message['role'] === 'assistant')) return call(`desk__${String(task)}`, {});
  told.set(`default/${request.headers['countersign-run-id']}/t1.0`, toolResults(request)[0]);
  return say('Done.');
}

beforeAll(async () => {
  at = await startGoverned({
    script,
    workerRecords: ledger.over,
    tools: [
      effectTool('idempotent', 'idempotent'),
      effectTool('keyed', 'keyed'),
      effectTool('probed', 'probe:did_happen'),
      effectTool('never', 'never'),
      probe,
    ],
  });
});

afterAll(() => at.stop());

interface End {
  readonly state: string | undefined;
  /** How often the tool ran. */
  readonly runs: number;
  /** How often it was called. */
  readonly calls: number;
  readonly told: unknown;
}

let runs = 0;

async function runOf(tool: ToolName): Promise<End> {
  runs += 1;
  const runId = `${at.runId}-${runs}`;
  const key = `default/${runId}/t1.0`;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId, agent: 'tester', task: tool });
  expect(await initiator.runs.wait(runId)).toMatchObject({ state: 'completed' });
  await assertRunInvariants(at.records, runId, at.server);
  const effect = (await at.records.storage.ledger.ofRun('default', runId)).find((row) => row.key === key);
  const calls = at.server.calls.filter((made) => made.tool === tool && made.headers['idempotency-key'] === key);
  return { state: effect?.state, runs: executed.get(key) ?? 0, calls: calls.length, told: told.get(key) };
}

/** One run for each retry class, side by side, under the same fault. */
async function endsUnder(fault: (tool: ToolName) => void): Promise<Record<ToolName, End>> {
  for (const tool of tools) fault(tool);
  const [idempotent, keyed, probed, never] = await Promise.all(tools.map(runOf));
  if (!idempotent || !keyed || !probed || !never) throw new Error('a run is missing');
  return { idempotent, keyed, probed, never };
}

const landed = { state: 'landed', told: { done: true } };
const inDoubt = { state: 'in-doubt', told: { error: { code: 'in-doubt', rule: 'effect-ledger' } } };

const lostAnswer: McpFault = { kind: 'cut', when: 'after' };
const turnedDown: McpFault = { kind: 'status', status: 429 };

const once = { ...landed, runs: 1 };
const twice = { ...landed, runs: 2 };

describe('whatever the retry class', () => {
  const always = (end: object) => ({ idempotent: end, keyed: end, probed: end, never: end });

  test('a call that was certainly not taken is made again', async () => {
    const ends = await endsUnder((tool) => at.server.fail([turnedDown, turnedDown], tool));
    expect(ends).toMatchObject(always({ ...once, calls: 3 }));
  });

  test('a crash at a reservation that was not applied leaves no trace', async () => {
    const ends = await endsUnder((tool) => ledger.fail('reserve', `desk.${tool}`, 'not-applied'));
    expect(ends).toMatchObject(always({ ...once, calls: 1 }));
  });

  test('a crash at a landing that was applied and not acknowledged calls nothing again', async () => {
    const ends = await endsUnder((tool) => ledger.fail('land', `desk.${tool}`, 'applied-not-acknowledged'));
    expect(ends).toMatchObject(always({ ...once, calls: 1 }));
  });
});

describe('an effect that may have happened is called again only if its class lets it, and asked about if it can be', () => {
  const ends = {
    idempotent: twice,
    keyed: twice,
    probed: { ...once, calls: 1 },
    never: { ...inDoubt, runs: 1, calls: 1 },
  };

  test('after the answer is cut', async () => {
    expect(await endsUnder((tool) => at.server.fail([{ kind: 'cut', when: 'after' }], tool))).toMatchObject(ends);
  });

  test('after the answer never comes', async () => {
    expect(await endsUnder((tool) => at.server.fail([{ kind: 'hang', when: 'after' }], tool))).toMatchObject(ends);
  });

  test('after a crash at a landing that was not applied', async () => {
    const seen = await endsUnder((tool) => ledger.fail('land', `desk.${tool}`, 'not-applied'));
    expect(seen).toMatchObject(ends);
  });
});

describe('an effect that did not happen, which nobody can know, happens once or is left in doubt', () => {
  const ends = { idempotent: once, keyed: once, probed: once, never: { ...inDoubt, runs: 0 } };

  test('after the call is cut', async () => {
    expect(await endsUnder((tool) => at.server.fail([{ kind: 'cut', when: 'before' }], tool))).toMatchObject(ends);
  });

  test('after the call hangs', async () => {
    expect(await endsUnder((tool) => at.server.fail([{ kind: 'hang', when: 'before' }], tool))).toMatchObject(ends);
  });

  test('after a crash at a reservation that was applied and not acknowledged', async () => {
    const seen = await endsUnder((tool) => ledger.fail('reserve', `desk.${tool}`, 'applied-not-acknowledged'));
    expect(seen).toMatchObject(ends);
  });
});

describe('a probe', () => {
  test('that cannot answer clearly leaves the effect in doubt', async () => {
    at.server.fail([lostAnswer], 'probed');
    at.server.fail([{ kind: 'raw', contentType: 'application/json', body: '{"jsonrpc":' }], 'did_happen');
    expect(await runOf('probed')).toMatchObject({ ...inDoubt, runs: 1, calls: 1 });
  });

  test('is asked again while it is not reached', async () => {
    at.server.fail([lostAnswer], 'probed');
    at.server.fail([turnedDown, { kind: 'cut', when: 'before' }], 'did_happen');
    expect(await runOf('probed')).toMatchObject({ ...landed, runs: 1, calls: 1 });
  });
});

describe('a policy that has come to deny', () => {
  afterEach(() => at.changePolicy(permitEverything));

  const denying = `${permitEverything}
    @id("no-more") @advice("Nobody does this any more.") forbid (principal, action == Action::"desk__keyed", resource);`;

  test('before the reservation stops the effect', async () => {
    ledger.fail('reserve', 'desk.keyed', 'not-applied', () => at.changePolicy(denying));
    const end = await runOf('keyed');
    expect(end).toMatchObject({ state: undefined, runs: 0, told: { error: { code: 'denied', rule: 'no-more' } } });
  });

  test('after the reservation does not hide what may have happened: it is brought to a known state', async () => {
    ledger.fail('land', 'desk.keyed', 'not-applied', () => at.changePolicy(denying));
    expect(await runOf('keyed')).toMatchObject({ ...landed, runs: 2, calls: 2 });
  });
});

test('a worker that is stopped while a tool is at work is followed by one that finishes with the same key', async () => {
  at.server.fail([{ kind: 'hang', when: 'after' }], 'keyed');
  const before = at.server.calls.length;
  const end = runOf('keyed');
  while (at.server.calls.length === before) await pause(20);
  await at.stopWorker();
  await at.startWorker();
  expect(await end).toMatchObject({ ...landed, runs: 2, calls: 2 });
});
