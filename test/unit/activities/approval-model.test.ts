import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolderBlobs } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { storedEnvelopeSchema } from '../../../src/contracts/http/stored-action.schema.ts';
import { editDigest } from '../../../src/digest/edits.ts';
import { type ApprovalState, approvalStates, nextApprovalState } from '../../../src/domain/approval.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { ActionSlot } from '../../../workflows/run-state.ts';
import { type OpenedStorage, openStorage, recordOf } from '../storage/storage-fixture.ts';
import { type ApprovalWorld, approvalWorld, denied, type Person, people } from './approval-world.ts';

/** Whatever people, timer, crashes, resets and the end of the run do to one action, in whatever order. */
type Move =
  | {
      readonly kind: 'answer';
      readonly who: Person;
      readonly which: number;
      readonly verdict: 'approve' | 'reject' | 'edit';
      readonly amount: number;
    }
  | { readonly kind: 'take-back'; readonly who: Person; readonly which: number }
  /** The workflow takes its next step; where it comes late or never, signals were lost. */
  | { readonly kind: 'step' }
  /** The step is done, and the workflow dies before it hears of it. */
  | { readonly kind: 'crash' }
  | { readonly kind: 'time'; readonly seconds: number }
  /** To the moment before the question was opened. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'continue-as-new' }
  /** What the end of a run does to its questions. */
  | { readonly kind: 'withdraw' };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      who: fc.constantFrom(...people),
      which: fc.nat(3),
      verdict: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'edit' as const,
        'edit' as const,
        'reject' as const,
      ),
      amount: fc.constantFrom(5, 6, 50, 60, denied),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('take-back' as const),
      who: fc.constantFrom('approver' as const, 'approver2' as const),
      which: fc.nat(1),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'step' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 40, 100) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'continue-as-new' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'withdraw' as const }) },
);

let storage: OpenedStorage;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

async function rowsOf({ runId }: ApprovalWorld): Promise<readonly ApprovalRow[]> {
  return (await storage.approvals.list('default', { runId, limit: 100 })).items.toReversed();
}

/** The last question, or one that was asked before it. */
async function questionBack(world: ApprovalWorld, which: number): Promise<ApprovalRow | undefined> {
  const rows = await rowsOf(world);
  return rows[Math.max(0, rows.length - 1 - which)];
}

/** What became of taking answers back. */
const takenBack = new Set<string>();

async function make(world: ApprovalWorld, move: Move): Promise<void> {
  switch (move.kind) {
    case 'answer': {
      const row = await questionBack(world, move.which);
      if (row !== undefined) await world.answer(move.who, row.approvalId, move.verdict, move.amount);
      return;
    }
    case 'take-back': {
      const row = await questionBack(world, move.which);
      if (row !== undefined) takenBack.add(await world.takeBack(move.who, row.approvalId));
      return;
    }
    case 'step':
      return world.step();
    case 'crash': {
      const { slot } = world;
      await world.step();
      world.slot = slot;
      return;
    }
    case 'time':
      return world.clock.advance(move.seconds * 1_000);
    case 'reset':
      world.slot = world.first;
      return;
    case 'continue-as-new':
      world.slot = JSON.parse(JSON.stringify(world.slot)) as ActionSlot;
      return;
    case 'withdraw': {
      for (const row of await rowsOf(world)) {
        const closed = recordOf(world.runId, 'approval-closed', `${row.approvalId}/withdrawn`);
        const now = new Date(world.clock.now()).toISOString();
        if (row.state === 'pending' || row.state === 'approved')
          await storage.approvals.close('default', row.approvalId, 'withdrawn', now, [closed]);
      }
    }
  }
}

/** What the machine allows, in any number of steps: a move may take more than one. */
function isReachable(from: ApprovalState, to: ApprovalState): boolean {
  if (from === to) return true;
  const events = ['approve', 'reject', 'expire', 'withdraw', 'supersede', 'consume'] as const;
  return events.some((event) => {
    const next = nextApprovalState(from, event);
    return next !== undefined && isReachable(next, to);
  });
}

async function assertLawful(world: ApprovalWorld, before: ReadonlyMap<string, ApprovalState>): Promise<void> {
  const rows = await rowsOf(world);
  const byId = new Map(rows.map((row) => [row.approvalId, row]));
  for (const row of rows) {
    const earlier = before.get(row.approvalId);
    if (earlier !== undefined) expect(isReachable(earlier, row.state), `${earlier} → ${row.state}`).toBe(true);
    expect(row.state === 'superseded').toBe(row.supersededBy !== undefined);
    if (row.supersededBy !== undefined) expect(byId.has(row.supersededBy), 'a successor').toBe(true);
  }
  expect(rows.filter(({ state }) => state === 'pending' || state === 'approved').length).toBeLessThanOrEqual(1);
  const consumed = rows.filter(({ state }) => state === 'consumed');
  expect(consumed.length).toBeLessThanOrEqual(1);
  expect(world.sent.length).toBe(consumed.length);
  for (const row of consumed) await assertDeserved(world, row);
  const nonces = await storage.database.db
    .selectFrom('spent_nonces')
    .select('nonce')
    .where('effect_key', '=', `default/${world.runId}/t1.0`)
    .execute();
  expect(nonces.length > 0, 'nonces are spent with the approval').toBe(consumed.length === 1);
}

/** Consumed only by a quorum of different people who may, none of whom wrote it, and none against it. */
async function assertDeserved(world: ApprovalWorld, row: ApprovalRow): Promise<void> {
  const blobs = createFolderBlobs({ folder: join(storage.folder, 'blobs'), keys: storage.keys, durability: 'process' });
  const { args, tool } = storedEnvelopeSchema.parse(await blobs.get('default', 'envelope', row.envelopeRef));
  expect(world.sent).toEqual([args['amount']]);
  const verdicts = (await storage.approvals.verdicts('default', row.approvalId)).map(({ signed }) => signed.verdict);
  expect(verdicts.every(({ verdict }) => verdict === 'approve')).toBe(true);
  const writers = (await storage.approvals.edits('default', world.runId))
    .filter(({ verdict }) => verdict.edit?.digest === editDigest(tool, args))
    .map(({ verdict }) => verdict.approver);
  const counted = new Set(verdicts.map(({ approver }) => approver).filter((who) => !writers.includes(who)));
  expect(counted.size).toBeGreaterThanOrEqual(row.requirement.quorum);
  for (const who of counted) expect(['approver', 'approver2']).toContain(who);
  expect(args['amount']).not.toBe(denied);
}

test('whatever happens to an action, it is performed at most once, and only as others than its writer approved it', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 24 }), async (moves) => {
      const world = await approvalWorld(storage);
      await world.step();
      for (const one of moves) {
        const before = new Map((await rowsOf(world)).map((row) => [row.approvalId, row.state]));
        await make(world, one);
        await assertLawful(world, before);
        for (const { state } of await rowsOf(world)) met.add(state);
      }
    }),
    { numRuns: 80 },
  );
  // the property is worth something only if every state is met
  expect([...met].sort()).toEqual([...approvalStates].sort());
  expect([...takenBack].sort()).toEqual(['approval-closed', 'verdict-not-found', 'withdrawn']);
}, 240_000);
