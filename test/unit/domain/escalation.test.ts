import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApprovalRequirement, EscalationRung } from '../../../src/domain/decision.ts';
import { askedFrom, latestOf, mergedEscalation, remindAt, rolesAt, rungsOf } from '../../../src/domain/escalation.ts';

const opened = Date.parse('2026-03-01T10:00:00.000Z');
const iso = (seconds: number, ms = 0) => new Date(opened + seconds * 1_000 + ms).toISOString();

const roles = fc.uniqueArray(fc.constantFrom('approver', 'lead', 'treasury', 'board'), { minLength: 1, maxLength: 3 });
const rung: fc.Arbitrary<EscalationRung> = fc.record({ afterSeconds: fc.integer({ min: 1, max: 200 }), roles });
const ask: fc.Arbitrary<ApprovalRequirement> = fc
  .record({
    roles,
    ttlSeconds: fc.integer({ min: 1, max: 200 }),
    widen: fc.array(rung, { maxLength: 4 }),
    remindSeconds: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  })
  .map(({ remindSeconds, ...rest }) => ({
    ...rest,
    quorum: 1,
    stepUp: false,
    ...(remindSeconds !== undefined && { remindSeconds }),
  }));

function merged(asks: readonly ApprovalRequirement[]): ApprovalRequirement {
  const all = [...new Set(asks.flatMap((one) => one.roles))];
  const ttlSeconds = Math.min(...asks.map((one) => one.ttlSeconds));
  return { quorum: 1, stepUp: false, roles: all, ttlSeconds, ...mergedEscalation(asks, all, ttlSeconds) };
}
const asks = fc.array(ask, { minLength: 1, maxLength: 3 });

describe('the roles of a moment', () => {
  test('are those of the opening and of every rung that was reached, to the millisecond', () => {
    const requirement = { quorum: 1, roles: ['approver'], ttlSeconds: 100, stepUp: false };
    const widened = { ...requirement, widen: [{ afterSeconds: 10, roles: ['lead'] }] };
    expect(rolesAt(widened, iso(0), iso(10, -1))).toEqual(['approver']);
    expect(rolesAt(widened, iso(0), iso(10))).toEqual(['approver', 'lead']);
    expect(rolesAt(requirement, iso(0), iso(99))).toEqual(['approver']);
  });

  test('only ever grow, begin with those of the opening, and never hold one that no rule names', () => {
    fc.assert(
      fc.property(ask, fc.nat({ max: 300 }), fc.nat({ max: 300 }), (one, first, more) => {
        const before = rolesAt(one, iso(0), iso(first));
        const after = rolesAt(one, iso(0), iso(first + more));
        expect(after).toEqual(expect.arrayContaining([...before]));
        expect(before).toEqual(expect.arrayContaining([...one.roles]));
        const named = [...one.roles, ...(one.widen ?? []).flatMap((step) => step.roles)];
        expect(named).toEqual(expect.arrayContaining([...after]));
      }),
    );
  });

  test('are those of the opening where a time cannot be read, or lies before the opening', () => {
    fc.assert(
      fc.property(ask, fc.constantFrom('', 'soon', iso(-1)), (one, at) => {
        expect(rolesAt(one, iso(0), at)).toEqual(one.roles);
        if (at !== iso(-1)) expect(rolesAt(one, at, iso(9_999))).toEqual(one.roles);
      }),
    );
  });
});

describe('several rules that ask', () => {
  test('ask a role from the first moment that one of them names it, and never after the shortest time', () => {
    fc.assert(
      fc.property(asks, fc.nat({ max: 250 }), (all, waited) => {
        const one = merged(all);
        const within = Math.min(waited, one.ttlSeconds - 1);
        const expected = new Set(all.flatMap((each) => rolesAt(each, iso(0), iso(within))));
        expect(new Set(rolesAt(one, iso(0), iso(waited)))).toEqual(expected);
      }),
    );
  });

  test('make one ladder: rungs in order, no role twice, none that is empty, all before the end', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const one = merged(all);
        const times = (one.widen ?? []).map(({ afterSeconds }) => afterSeconds);
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
        expect(times.every((after) => after < one.ttlSeconds)).toBe(true);
        const asked = [...one.roles, ...(one.widen ?? []).flatMap((step) => step.roles)];
        expect(new Set(asked).size).toBe(asked.length);
        expect((one.widen ?? [{ roles: [''] }]).every((step) => step.roles.length > 0)).toBe(true);
      }),
    );
  });

  test('remind at the earliest time that one of them names and that comes before the end', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const one = merged(all);
        const within = all
          .flatMap(({ remindSeconds }) => remindSeconds ?? [])
          .filter((after) => after < one.ttlSeconds);
        expect(one.remindSeconds).toBe(within.length === 0 ? undefined : Math.min(...within));
      }),
    );
  });

  test('say the same in any order', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const turned = all.toReversed();
        const { roles: named, ttlSeconds } = merged(all);
        expect(mergedEscalation(turned, named, ttlSeconds)).toEqual(mergedEscalation(all, named, ttlSeconds));
      }),
    );
  });
});

const requirement: ApprovalRequirement = {
  quorum: 1,
  roles: ['approver'],
  ttlSeconds: 100,
  stepUp: false,
  widen: [
    { afterSeconds: 10, roles: ['lead'] },
    { afterSeconds: 50, roles: ['board'] },
  ],
  remindSeconds: 60,
};

test('what a shorter life leaves no room for never comes', () => {
  const cut = { createdAt: iso(0), expiresAt: iso(50) };
  expect(rungsOf(requirement, cut)).toEqual([{ afterSeconds: 10, roles: ['lead'], at: iso(10) }]);
  expect(remindAt(requirement, cut)).toBeUndefined();
  expect(remindAt(requirement, { createdAt: iso(0), expiresAt: iso(100) })).toBe(iso(60));
});

test('who is asked later learns from when; who is asked at once or never learns nothing', () => {
  const asked = { createdAt: iso(0), expiresAt: iso(100) };
  expect(askedFrom(requirement, asked, ['board', 'lead'])).toBe(iso(10));
  expect(askedFrom(requirement, asked, ['approver', 'lead'])).toBeUndefined();
  expect(askedFrom(requirement, asked, ['auditor'])).toBeUndefined();
});

test('of several claims about a time the latest is believed', () => {
  expect(latestOf(iso(1), iso(3), iso(2))).toBe(iso(3));
  expect(latestOf(iso(1), 'never')).toBe(iso(1));
});
