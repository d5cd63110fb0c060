import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectionTo, tally, type Verdict } from '../../../src/domain/approval.ts';
import { authorityOf, countedRights } from '../../../src/domain/counted-rights.ts';
import { countingRoles, isWithin } from '../../../src/domain/delegation.ts';

const names = ['ann', 'ben', 'eve', 'kim'] as const;
const nameOf = fc.constantFrom(...names);

interface Answer {
  readonly approver: string;
  readonly delegation?: { readonly delegationId: string; readonly from: string };
}
const answerOf: fc.Arbitrary<Answer> = fc
  .tuple(nameOf, fc.option(nameOf, { nil: undefined }))
  .map(([approver, from]) =>
    from === undefined || from === approver ? { approver } : { approver, delegation: { delegationId: 'dlg_1', from } },
  );
const answersOf = fc.array(answerOf, { maxLength: 7 });

const verdictOf = (answer: Answer): Verdict => ({
  v: 1,
  verdictId: 'vrd_1',
  approvalId: 'apr_1',
  tenant: 'default',
  actionDigest: '',
  renderHash: '',
  verdict: 'approve',
  roles: ['approver'],
  groups: [],
  acr: 'dev',
  nonce: '',
  at: '',
  reason: '',
  ...answer,
});

/** Every choice of answers, looked at one by one: the most that use no person and no right twice. */
function mostApart(answers: readonly Answer[]): number {
  const [first, ...rest] = answers;
  if (first === undefined) return 0;
  const apart = rest.filter((other) => other.approver !== first.approver && authorityOf(other) !== authorityOf(first));
  return Math.max(mostApart(rest), 1 + mostApart(apart));
}

describe('the tally with lent rights', () => {
  test('counts each right once and each person once, whoever answered for whom', () => {
    fc.assert(
      fc.property(answersOf, (answers) => {
        expect(countedRights(answers)).toBe(mostApart(answers));
      }),
    );
  });

  test('is never more than the people, nor more than the rights that they used', () => {
    fc.assert(
      fc.property(answersOf, (answers) => {
        const counted = countedRights(answers);
        expect(counted).toBeLessThanOrEqual(new Set(answers.map(({ approver }) => approver)).size);
        expect(counted).toBeLessThanOrEqual(new Set(answers.map(authorityOf)).size);
      }),
    );
  });

  test('does not depend on the order, and is not moved back by more answers', () => {
    fc.assert(
      fc.property(
        answersOf.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        answerOf,
        ([given, shuffled], more) => {
          expect(countedRights(shuffled)).toBe(countedRights(given));
          expect(countedRights([...given, more])).toBeGreaterThanOrEqual(countedRights(given));
        },
      ),
    );
  });

  test.each([
    ['a lender and his delegate', [['ann'], ['ben', 'ann']]],
    [
      'two delegates of one lender',
      [
        ['ben', 'ann'],
        ['eve', 'ann'],
      ],
    ],
    ['one person with his own right and with a lent one', [['ben'], ['ben', 'ann']]],
  ] as const)('%s are not two', (_, given) => {
    const answers = given.map(
      ([approver, from]): Answer =>
        from === undefined ? { approver } : { approver, delegation: { delegationId: 'dlg_1', from } },
    );
    expect(tally(answers.map(verdictOf), 1)).toBe('approved');
    expect(tally(answers.map(verdictOf), 2)).toBe('pending');
  });
});

test('a delegation holds from its first moment until just before its end, and never by a time that cannot be read', () => {
  const instant = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) });
  fc.assert(
    fc.property(instant, instant, instant, (begins, ends, at) => {
      const window = { begins: begins.toISOString(), ends: ends.toISOString() };
      expect(isWithin(window, at.toISOString())).toBe(begins <= at && at < ends);
      expect(isWithin({ ...window, ends: 'for ever' }, at.toISOString())).toBe(false);
      expect(isWithin({ ...window, begins: '' }, at.toISOString())).toBe(false);
      expect(isWithin(window, 'now')).toBe(false);
    }),
  );
});

test('a lent role counts only where its lender could answer himself, and never where a step-up is asked for', () => {
  const roles = fc.array(fc.constantFrom<string>('approver', 'lead', 'admin'));
  fc.assert(
    fc.property(
      roles,
      roles,
      roles,
      nameOf,
      nameOf,
      fc.boolean(),
      (lent, held, required, subject, initiator, stepUp) => {
        const duties = { initiator, ownerGroup: 'desk', editors: ['eve'] };
        const lender = { subject, roles: held, groups: subject === 'kim' ? ['desk'] : [] };
        const counting = countingRoles(lent, lender, { roles: required, stepUp }, duties);
        for (const role of counting) {
          expect([lent, held, required].every((some) => some.includes(role))).toBe(true);
          expect(role).not.toBe('admin');
        }
        if (counting.length > 0) {
          expect(objectionTo(lender, required, duties)).toBeUndefined();
          expect(stepUp).toBe(false);
        }
        const fits = ['approver', 'lead'].some((role) => [lent, held, required].every((some) => some.includes(role)));
        const mayAnswer = objectionTo(lender, required, duties) === undefined;
        expect(counting.length > 0).toBe(fits && mayAnswer && !stepUp);
      },
    ),
  );
});
