import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { payment, type Rule, ruleNames, smallPolicy, verdictOf } from './small-bundle.ts';

const permit: Rule = { id: 'permitted' };
const oneApprover = { quorum: 1, roles: ['approver'], ttl: '4h', stepUp: false };

function asking(id: string, ask: object = oneApprover): Rule {
  return { id, effect: 'forbid', ask, unless: 'context.approval.granted' };
}

describe('an ask', () => {
  test('is the answer where every forbid that decides asks and the rest allows', async () => {
    const verdict = await verdictOf(smallPolicy([permit, asking('asks')]), payment());
    expect(verdict).toEqual({
      kind: 'ask',
      reasons: [{ rule: 'asks', message: 'Sentence of asks.' }],
      requirement: { quorum: 1, roles: ['approver'], ttlSeconds: 14_400, stepUp: false },
    });
  });

  test('is the strictest of all that ask', async () => {
    const policy = smallPolicy([
      permit,
      asking('one', { quorum: 1, roles: ['lead', 'approver'], ttl: '2d', stepUp: true }),
      asking('two', { quorum: 3, roles: ['approver'], ttl: '30m' }),
    ]);
    const verdict = await verdictOf(policy, payment());
    expect(verdict).toMatchObject({
      kind: 'ask',
      requirement: { quorum: 3, roles: ['approver', 'lead'], ttlSeconds: 1_800, stepUp: true },
    });
    expect(ruleNames(verdict).toSorted()).toEqual(['one', 'two']);
  });

  test('becomes an allow with the approval as a fact, by the permits', async () => {
    const verdict = await verdictOf(smallPolicy([permit, asking('asks')]), payment(undefined, 'approved'));
    expect(verdict.kind).toBe('allow');
    expect(ruleNames(verdict)).toEqual(['permitted']);
  });

  test('is never made of a hard forbid, which alone is named', async () => {
    const verdict = await verdictOf(smallPolicy([permit, asking('asks'), { id: 'hard', effect: 'forbid' }]), payment());
    expect(verdict.kind).toBe('deny');
    expect(ruleNames(verdict)).toEqual(['hard']);
  });

  test('is never made of a default deny', async () => {
    const verdict = await verdictOf(smallPolicy([asking('asks')]), payment());
    expect(verdict.kind).toBe('deny');
    expect(ruleNames(verdict)).toEqual(['default-deny']);
  });

  test('does not outlive a policy that has turned to deny', async () => {
    const policy = smallPolicy([permit, asking('asks'), { id: 'hard', effect: 'forbid' }]);
    expect((await verdictOf(policy, payment(undefined, 'approved'))).kind).toBe('deny');
  });
});

test('an empty bundle denies by default', async () => {
  expect(ruleNames(await verdictOf(smallPolicy([]), payment()))).toEqual(['default-deny']);
});

describe('an obligation', () => {
  const notify: Rule = { id: 'notifies', obligation: { kind: 'notify', parameters: { group: 'ap-team' } } };

  test('comes with the allow of its permit', async () => {
    const verdict = await verdictOf(smallPolicy([notify], ['notify']), payment());
    expect(verdict).toMatchObject({
      kind: 'allow',
      obligations: [{ kind: 'notify', parameters: { group: 'ap-team' } }],
    });
  });

  test('comes only with a permit that is satisfied', async () => {
    const verdict = await verdictOf(
      smallPolicy([permit, { ...notify, when: 'context.args.count == 99' }], ['notify']),
      payment(),
    );
    expect(verdict).toMatchObject({ kind: 'allow', obligations: [] });
  });

  test('that nobody fulfils is a deny', async () => {
    expect(ruleNames(await verdictOf(smallPolicy([permit, notify]), payment()))).toEqual(['policy-error']);
  });

  test('that nobody fulfils is a deny before anybody is asked', async () => {
    expect((await verdictOf(smallPolicy([notify, asking('asks')]), payment())).kind).toBe('deny');
  });
});

test('the outcome is what the three rules say, for every mixture of policies', async () => {
  const mixture = fc.record({
    permits: fc.integer({ min: 0, max: 2 }),
    asks: fc.integer({ min: 0, max: 2 }),
    forbids: fc.integer({ min: 0, max: 2 }),
    approved: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(mixture, async ({ permits, asks, forbids, approved }) => {
      const policy = smallPolicy([
        ...Array.from({ length: permits }, (_, index): Rule => ({ id: `permit-${index}` })),
        ...Array.from({ length: asks }, (_, index) => asking(`ask-${index}`)),
        ...Array.from({ length: forbids }, (_, index): Rule => ({ id: `hard-${index}`, effect: 'forbid' })),
      ]);
      const verdict = await verdictOf(policy, payment(undefined, approved ? 'approved' : 'not approved'));
      policy.retire();
      const expected = permits === 0 || forbids > 0 ? 'deny' : asks === 0 || approved ? 'allow' : 'ask';
      expect(verdict.kind).toBe(expected);
    }),
    { numRuns: 60 },
  );
});
