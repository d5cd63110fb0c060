import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVerdictInbox } from '../../../workflows/verdict-inbox.ts';

const approval = (number: number) => `apr_${number.toString(16).padStart(32, '0')}`;
const verdict = (number: number) => `vrd_${number.toString(16).padStart(32, '0')}`;
const claim = (approvalId: number, verdictId: number) => ({
  approvalId: approval(approvalId),
  verdictId: verdict(verdictId),
});

type Inbox = ReturnType<typeof createVerdictInbox>;
const opened = (seen: readonly string[] = []): Inbox => createVerdictInbox(seen);

/** Whatever anybody may send. */
const payloadOf = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 40 })).map(([a, v]) => claim(a, v)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, 'approve', 7, [], {}, { __countersign: 'undecodable', reason: 'x' }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      approvalId: fc.oneof(fc.string(), fc.constant(approval(1))),
      verdictId: fc.oneof(fc.string(), fc.constant(null)),
    }),
  },
  { weight: 1, arbitrary: fc.anything() },
);

const stepOf = fc.oneof(
  { weight: 6, arbitrary: payloadOf.map((payload) => ({ do: 'receive', payload }) as const) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 5 }).map((number) => ({ do: 'expect', approvalId: approval(number) }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 5 }).map((number) => ({ do: 'forget', approvalId: approval(number) }) as const),
  },
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((number) => ({ do: 'take', approvalId: approval(number) }) as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'refuse' } as const) },
);
type Step = typeof stepOf extends fc.Arbitrary<infer Value> ? Value : never;

interface Counted {
  received: number;
  taken: number;
  refused: number;
  readonly expected: Set<string>;
}

function run(inbox: Inbox, counted: Counted, step: Step): void {
  switch (step.do) {
    case 'receive':
      counted.received += 1;
      return inbox.receive(step.payload);
    case 'expect':
      counted.expected.add(step.approvalId);
      return inbox.expect(step.approvalId);
    case 'forget':
      counted.expected.delete(step.approvalId);
      return inbox.forget(step.approvalId);
    case 'take':
      counted.taken += inbox.takeClaims(step.approvalId).length;
      return;
    case 'refuse':
      counted.refused += refusedBy(inbox);
      for (let number = 0; number <= 5; number += 1) {
        if (inbox.hasClaims(approval(number))) expect(counted.expected.has(approval(number))).toBe(true);
      }
      return;
    default:
      return step satisfies never;
  }
}

const refusedBy = (inbox: Inbox) => inbox.takeRefused().reduce((sum, { count }) => sum + count, 0);

describe('the verdict inbox', () => {
  test('keeps no claim for an approval that nobody expects, and loses no signal uncounted', () => {
    fc.assert(
      fc.property(fc.array(stepOf, { maxLength: 120 }), (steps) => {
        const inbox = opened();
        const counted: Counted = { received: 0, taken: 0, refused: 0, expected: new Set() };
        for (const step of steps) run(inbox, counted, step);
        counted.refused += refusedBy(inbox);
        for (const approvalId of counted.expected) counted.taken += inbox.takeClaims(approvalId).length;
        expect(counted.taken + counted.refused).toBe(counted.received);
        expect(inbox.hasRefused()).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('never throws, whatever is sent', () => {
    const inbox = opened();
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (payload) => {
        inbox.receive(payload);
        inbox.takeRefused();
      }),
    );
  });

  test('keeps its memory small in a flood, and asks for a new execution', () => {
    const inbox = opened(Array.from({ length: 500 }, (_, index) => verdict(1_000_000 + index)));
    inbox.expect(approval(1));
    for (let index = 0; index < 9_000; index += 1) inbox.receive(claim(index % 900, index));
    expect(inbox.takeClaims(approval(1)).length).toBeLessThanOrEqual(16);
    expect(inbox.isFlooded()).toBe(true);
    expect(inbox.seenVerdicts().length).toBeLessThanOrEqual(500);
    expect(
      inbox
        .takeRefused()
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['overflow', 'unknown-approval']);
  });

  test('is woken by a genuine signal although forged ones came first', () => {
    const inbox = opened();
    inbox.expect(approval(1));
    for (let index = 0; index < 100; index += 1) inbox.receive(claim(1, index));
    expect(inbox.hasClaims(approval(1))).toBe(true);
  });

  test('knows a replayed verdict, before and after the run continues as new', () => {
    const inbox = opened();
    inbox.expect(approval(1));
    inbox.receive(claim(1, 7));
    expect(inbox.takeClaims(approval(1))).toEqual([verdict(7)]);
    const next = opened(inbox.seenVerdicts());
    for (const one of [inbox, next]) {
      one.expect(approval(1));
      one.receive(claim(1, 7));
      expect(one.hasClaims(approval(1))).toBe(false);
      expect(one.takeRefused()).toEqual([{ reason: 'replayed', count: 1 }]);
    }
  });

  test('keeps an early signal while its question is being opened', async () => {
    const inbox = opened();
    await inbox.whileOpening(async () => {
      inbox.receive(claim(1, 7));
      expect(inbox.hasRefused()).toBe(false);
      inbox.expect(approval(1));
    });
    expect(inbox.takeRefused()).toEqual([]);
    expect(inbox.takeClaims(approval(1))).toEqual([verdict(7)]);
  });

  test('looks again without any signal, and remembers no verdict for it', () => {
    const inbox = opened();
    inbox.expect(approval(1));
    inbox.lookAgain(approval(1));
    expect(inbox.hasClaims(approval(1))).toBe(true);
    expect(inbox.takeClaims(approval(1))).toEqual([]);
    expect(inbox.hasClaims(approval(1))).toBe(false);
  });
});
