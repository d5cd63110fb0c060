import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EffectState } from '../../../src/domain/effect.ts';
import {
  admit,
  approvalOf,
  at,
  digest,
  later,
  type OpenedStorage,
  openStorage,
  recordOf,
  ref,
  reservationOf,
} from './storage-fixture.ts';

/** The ledger's rules over again, as plainly as they can be said. */
interface Model {
  readonly effects: Map<string, { state: EffectState; attempts: number; digest: string; tool: string }>;
  readonly nonces: Set<string>;
  approval: 'approved' | 'consumed';
}

interface World {
  readonly storage: OpenedStorage;
  readonly run: string;
  readonly approvalId: string;
}

const calls = ['t1.0', 't1.1', 't2.0', 't2.1', 't3.0'];
const limits = { tool: 2, total: 3 };

let storage: OpenedStorage;
let runs = 0;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

class Reserve implements fc.AsyncCommand<Model, World> {
  readonly input: {
    readonly call: string;
    readonly digest: string;
    readonly tool: string;
    readonly approved: boolean;
    readonly nonces: readonly string[];
  };
  constructor(input: Reserve['input']) {
    this.input = input;
  }
  check = () => true;
  toString = () => `reserve(${JSON.stringify(this.input)})`;

  async run(model: Model, world: World): Promise<void> {
    const { call, tool, approved, nonces } = this.input;
    const approval = approved ? { approvalId: world.approvalId } : {};
    const reservation = reservationOf(world.run, call, {
      tool,
      actionDigest: this.input.digest,
      nonces,
      limits,
      ...approval,
    });
    const outcome = await world.storage.ledger.reserve(reservation, [recordOf(world.run, 'effect-reserved', call)]);
    expect(outcome.kind).toBe(this.expected(model));
    if (outcome.kind === 'known')
      expect(outcome.row).toMatchObject({
        state: model.effects.get(call)?.state,
        attempts: model.effects.get(call)?.attempts,
      });
  }

  private expected(model: Model): string {
    const { call, tool, approved, nonces } = this.input;
    const known = model.effects.get(call);
    if (known !== undefined) {
      if (known.digest !== this.input.digest) return 'digest-conflict';
      known.attempts += 1;
      return 'known';
    }
    const ofTool = [...model.effects.values()].filter((effect) => effect.tool === tool).length;
    if (ofTool >= limits.tool || model.effects.size >= limits.total) return 'limit-reached';
    if (
      (approved && (model.approval !== 'approved' || this.input.digest !== digest('a'))) ||
      nonces.some((nonce) => model.nonces.has(nonce))
    )
      return 'approval-spent';
    if (approved) model.approval = 'consumed';
    for (const nonce of nonces) model.nonces.add(nonce);
    model.effects.set(call, { state: 'reserved', attempts: 1, digest: this.input.digest, tool });
    return 'reserved';
  }
}

class Settle implements fc.AsyncCommand<Model, World> {
  readonly call: string;
  readonly to: 'landed' | 'did-not-happen' | 'in-doubt';
  constructor(call: string, to: Settle['to']) {
    this.call = call;
    this.to = to;
  }
  check = () => true;
  toString = () => `settle(${this.call}, ${this.to})`;

  async run(model: Model, world: World): Promise<void> {
    const effect = model.effects.get(this.call);
    const contradicts =
      effect === undefined || (effect.state !== this.to && isSettled(effect.state) && this.to !== 'in-doubt');
    const settling = this.settle(world);
    if (contradicts) await expect(settling).rejects.toMatchObject({ code: 'internal' });
    else await settling;
    if (effect !== undefined && !isSettled(effect.state)) effect.state = this.to;
  }

  private settle({ storage: { ledger }, run }: World): Promise<void> {
    const key = `default/${run}/${this.call}`;
    const records = [recordOf(run, `effect-${this.to}`, this.call)];
    if (this.to === 'in-doubt') return ledger.inDoubt(key, later(1), records);
    return this.to === 'landed'
      ? ledger.land(key, ref('1'), later(1), records)
      : ledger.didNotHappen(key, ref('2'), later(1), records);
  }
}

function isSettled(state: EffectState): boolean {
  return state === 'landed' || state === 'did-not-happen';
}

test('any order and repetition of transitions leaves what the rules say', async () => {
  const reserve = fc
    .record({
      call: fc.constantFrom(...calls),
      digest: fc.constantFrom(digest('a'), digest('a'), digest('b')),
      tool: fc.constantFrom('s.one', 's.two'),
      approved: fc.boolean(),
      nonces: fc.subarray(['n1', 'n2']),
    })
    .map((input) => new Reserve(input));
  const settle = fc
    .tuple(
      fc.constantFrom(...calls),
      fc.constantFrom('landed' as const, 'did-not-happen' as const, 'in-doubt' as const),
    )
    .map(([call, to]) => new Settle(call, to));

  await fc.assert(
    fc.asyncProperty(fc.commands([reserve, settle], { maxCommands: 25 }), async (commands) => {
      const world = await newWorld();
      const model: Model = { effects: new Map(), nonces: new Set(), approval: 'approved' };
      await fc.asyncModelRun(() => ({ model, real: world }), commands);
      await expectAgreement(model, world);
    }),
    { numRuns: 40 },
  );
}, 120_000);

/** Nonces are spent for ever within a tenant, so each world brings a tenant's worth of its own by clearing them. */
async function newWorld(): Promise<World> {
  runs += 1;
  const run = `model-${runs}`;
  await admit(storage, run);
  await storage.database.db.deleteFrom('spent_nonces').execute();
  const approval = approvalOf(run, { approvalId: `apr_${runs.toString(16).padStart(32, '0')}` });
  await storage.approvals.open(approval, recordOf(run, 'approval-opened', 'x'));
  await storage.approvals.close('default', approval.approvalId, 'approved', at, [
    recordOf(run, 'approval-closed', 'x'),
  ]);
  return { storage, run, approvalId: approval.approvalId };
}

async function expectAgreement(model: Model, { run, approvalId }: World): Promise<void> {
  const rows = await storage.ledger.ofRun('default', run);
  const found = rows.map((row) => [
    row.key.split('/').at(-1),
    { state: row.state, attempts: row.attempts, digest: row.actionDigest, tool: row.tool },
  ]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(model.effects));
  expect(await storage.approvals.find('default', approvalId)).toMatchObject({ state: model.approval });
  const standing = await storage.ledger.standing('default', run);
  expect(standing.totalCalls).toBe(model.effects.size);
  const records = await storage.outbox.ofRun('default', run, 0, 1000);
  for (const [call, effect] of model.effects) {
    const kinds = records.filter((record) => record.body['name'] === call).map((record) => record.kind);
    expect(kinds).toContain('effect-reserved');
    expect(kinds.includes('effect-landed')).toBe(effect.state === 'landed');
    expect(kinds.includes('effect-did-not-happen')).toBe(effect.state === 'did-not-happen');
  }
}
