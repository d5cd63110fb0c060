import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolderBlobs } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { storedEnvelopeSchema } from '../../../src/contracts/http/stored-action.schema.ts';
import { editDigest } from '../../../src/digest/edits.ts';
import type { Verdict } from '../../../src/domain/approval.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import { type OpenedStorage, openStorage } from '../storage/storage-fixture.ts';
import { type ApprovalWorld, approvalWorld, type Person } from './approval-world.ts';

/** Two people of two rights; `lead` has one after half a minute, `auditor` and `initiator` never have one of their own. */
const asked = { quorum: 2, widen: [{ afterSeconds: 30, roles: ['lead'] }] } as const;
const everybody: readonly Person[] = ['approver', 'approver2', 'lead', 'auditor', 'initiator'];

type Move =
  | { readonly kind: 'answer'; readonly who: Person; readonly verdict: 'approve' | 'edit'; readonly amount: number }
  | { readonly kind: 'take-back'; readonly who: Person }
  | { readonly kind: 'lend'; readonly who: Person; readonly to: Person; readonly seconds: number }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'step' }
  | { readonly kind: 'time'; readonly seconds: number };

const person = fc.constantFrom(...everybody, 'approver', 'auditor', 'auditor');
const toAuditor: Move = { kind: 'lend', who: 'approver2', to: 'auditor', seconds: 1_000 };
const answering = (verdict: fc.Arbitrary<'approve' | 'edit'>) =>
  fc.record({ kind: fc.constant('answer' as const), who: person, verdict, amount: fc.constantFrom(5, 60) });
const lending = fc.record({
  kind: fc.constant('lend' as const),
  who: fc.constantFrom('approver' as const, 'approver2' as const, 'lead' as const),
  to: person,
  seconds: fc.constantFrom(20, 1_000),
});
const step = fc.constant({ kind: 'step' as const });
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 12,
    arbitrary: answering(fc.constantFrom(...Array.from({ length: 9 }, () => 'approve' as const), 'edit')),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take-back' as const), who: person }) },
  { weight: 2, arbitrary: lending },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(5) }) },
  { weight: 5, arbitrary: step },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 31) }) },
);
/** Some rights are lent, perhaps somebody writes, and then whatever comes. */
const story: fc.Arbitrary<readonly Move[]> = fc
  .tuple(
    fc.oneof(fc.constant([toAuditor]), fc.array(lending, { maxLength: 4 })),
    fc.oneof(fc.constant([]), fc.tuple(answering(fc.constant('edit')), step)),
    fc.array(move, { minLength: 6, maxLength: 40 }),
  )
  .map((parts) => parts.flat());

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
}, 60_000);
afterAll(() => storage.end());

interface Lent {
  readonly from: Person;
  readonly delegationId: string;
  readonly ends: number;
  ended: boolean;
}

async function questionsOf({ runId }: ApprovalWorld): Promise<readonly ApprovalRow[]> {
  return (await storage.approvals.list('default', { runId, limit: 100 })).items.toReversed();
}

async function make(world: ApprovalWorld, lent: Lent[], one: Move): Promise<void> {
  const row = (await questionsOf(world)).at(-1);
  switch (one.kind) {
    case 'answer':
      if (row !== undefined) await world.answer(one.who, row.approvalId, one.verdict, one.amount);
      return;
    case 'take-back':
      if (row !== undefined) await world.takeBack(one.who, row.approvalId);
      return;
    case 'lend': {
      const delegationId = await world.lend(one.who, one.to, one.seconds);
      if (delegationId.startsWith('dlg_'))
        lent.push({ from: one.who, delegationId, ends: world.clock.now() + one.seconds * 1_000, ended: false });
      return;
    }
    case 'end': {
      const ending = lent[one.which];
      if (ending === undefined) return;
      await world.endLent(ending.from, ending.delegationId);
      ending.ended = true;
      return;
    }
    case 'step':
      return world.step();
    case 'time':
      return world.clock.advance(one.seconds * 1_000);
    default:
      return one satisfies never;
  }
}

const rightOf = ({ approver, delegation }: Pick<Verdict, 'approver' | 'delegation'>) => delegation?.from ?? approver;

/** Found by trying: two of these answers by two people with two rights. */
function isByTwo(verdicts: readonly Verdict[]): boolean {
  return verdicts.some((one) =>
    verdicts.some((other) => one.approver !== other.approver && rightOf(one) !== rightOf(other)),
  );
}

/** Who wrote these bytes of the run, in any edit, followed or taken back, and by whose right. */
async function involved(world: ApprovalWorld, row: ApprovalRow): Promise<ReadonlySet<string>> {
  const blobs = createFolderBlobs({ folder: join(storage.folder, 'blobs'), keys: storage.keys, durability: 'process' });
  const { args, tool } = storedEnvelopeSchema.parse(await blobs.get('default', 'envelope', row.envelopeRef));
  const edits = (await storage.approvals.edits('default', world.runId)).map(({ verdict }) => verdict);
  const wrote = edits.filter(({ edit }) => edit?.digest === editDigest(tool, args));
  return new Set(['initiator', ...wrote.flatMap((verdict) => [verdict.approver, rightOf(verdict)])]);
}

/** Whether this answer may count at this moment, said from scratch. */
function mayCount(
  verdict: Verdict,
  row: ApprovalRow,
  excluded: ReadonlySet<string>,
  lent: readonly Lent[],
  now: number,
) {
  const right = rightOf(verdict);
  if (excluded.has(verdict.approver) || excluded.has(right)) return false;
  const isAsked =
    right === 'approver' ||
    right === 'approver2' ||
    (right === 'lead' && Date.parse(verdict.at) - Date.parse(row.createdAt) >= 30_000);
  if (verdict.delegation === undefined) return isAsked;
  const used = lent.find(({ delegationId }) => delegationId === verdict.delegation?.delegationId);
  return isAsked && used !== undefined && used.from === right && !used.ended && now < used.ends;
}

test('with whatever rights people lend, end, write and take back, two others of two rights have approved what is done', async () => {
  const met = { done: 0, lent: 0 };
  await fc.assert(
    fc.asyncProperty(story, async (moves) => {
      const world = await approvalWorld(storage, asked);
      const lent: Lent[] = [];
      await world.step();
      for (const one of moves) {
        await make(world, lent, one);
        if (world.sent.length === 0) continue;
        expect(world.sent).toHaveLength(1);
        const done = (await questionsOf(world)).find(({ state }) => state === 'consumed');
        const row = done ?? expect.fail('what is done has its approval');
        const excluded = await involved(world, row);
        const stored = await storage.approvals.verdicts('default', row.approvalId);
        const counting = stored
          .map(({ signed }) => signed.verdict)
          .filter((verdict) => mayCount(verdict, row, excluded, lent, world.clock.now()));
        expect(isByTwo(counting)).toBe(true);
        met.done += 1;
        if (counting.some(({ delegation }) => delegation !== undefined)) met.lent += 1;
        break;
      }
      for (const { from, delegationId } of lent) await world.endLent(from, delegationId);
    }),
    { numRuns: 100 },
  );
  // the property is worth something only if things are done, with lent rights too
  expect(met.done).toBeGreaterThan(3);
  expect(met.lent).toBeGreaterThan(0);
}, 240_000);
