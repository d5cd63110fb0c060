import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalEvent,
  type ApprovalState,
  approvalStates,
  nextApprovalState,
  objectionTo,
  tally,
  type Verdict,
  verdictKinds,
} from '../../../src/domain/approval.ts';

const events = [
  'approve',
  'reject',
  'expire',
  'withdraw',
  'supersede',
  'consume',
] as const satisfies readonly ApprovalEvent[];
const eventsOf = fc.array(fc.constantFrom(...events), { maxLength: 30 });
const ends: readonly ApprovalState[] = ['rejected', 'expired', 'withdrawn', 'superseded', 'consumed'];

function statesAlong(order: readonly ApprovalEvent[]): readonly ApprovalState[] {
  let state: ApprovalState = 'pending';
  return order.map((event) => {
    state = nextApprovalState(state, event) ?? state;
    return state;
  });
}

describe('an approval', () => {
  test('goes one way, whatever happens in whatever order', () => {
    const rank = (state: ApprovalState) => (state === 'pending' ? 0 : state === 'approved' ? 1 : 2);
    fc.assert(
      fc.property(eventsOf, (order) => {
        const ranks = statesAlong(order).map(rank);
        expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
      }),
    );
  });

  test('that has come to an end stays there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.constantFrom(...events), (state, event) => {
        expect(nextApprovalState(state, event)).toBeUndefined();
      }),
    );
  });

  test('is consumed only after it was approved, and never after anything else', () => {
    fc.assert(
      fc.property(eventsOf, (order) => {
        const states = statesAlong(order);
        const consumed = states.indexOf('consumed');
        fc.pre(consumed >= 0);
        expect(states[consumed - 1]).toBe('approved');
        expect(states.some((state) => ['rejected', 'expired', 'superseded', 'withdrawn'].includes(state))).toBe(false);
      }),
    );
  });

  test('knows every state and every event', () => {
    for (const state of approvalStates)
      for (const event of events) expect(() => nextApprovalState(state, event)).not.toThrow();
  });
});

const verdictsOf = fc.array(fc.tuple(fc.constantFrom('ann', 'ben', 'eve', 'kim'), fc.constantFrom(...verdictKinds)), {
  maxLength: 8,
});
const quorumOf = fc.integer({ min: 1, max: 4 });

function verdict([approver, kind]: readonly [string, Verdict['verdict']]): Verdict {
  return {
    v: 1,
    verdictId: 'vrd_1',
    approvalId: 'apr_1',
    tenant: 'default',
    actionDigest: '',
    renderHash: '',
    verdict: kind,
    approver,
    roles: ['approver'],
    groups: [],
    acr: 'dev',
    nonce: '',
    at: '',
    reason: '',
  };
}

describe('the tally', () => {
  test('does not depend on the order of verdicts', () => {
    fc.assert(
      fc.property(
        verdictsOf.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        quorumOf,
        ([given, shuffled], quorum) => {
          expect(tally(shuffled.map(verdict), quorum)).toBe(tally(given.map(verdict), quorum));
        },
      ),
    );
  });

  test('counts people, not votes', () => {
    fc.assert(
      fc.property(verdictsOf, quorumOf, (given, quorum) => {
        const people = new Set(given.filter(([, kind]) => kind === 'approve').map(([approver]) => approver)).size;
        if (tally(given.map(verdict), quorum) === 'approved') expect(people).toBeGreaterThanOrEqual(quorum);
        expect(tally([...given, ...given].map(verdict), quorum)).toBe(tally(given.map(verdict), quorum));
      }),
    );
  });

  test('is a rejection as soon as one person rejects, and stays one', () => {
    fc.assert(
      fc.property(verdictsOf, verdictsOf, quorumOf, (before, after, quorum) => {
        expect(tally([...before, ['eve', 'reject'] as const, ...after].map(verdict), quorum)).toBe('rejected');
      }),
    );
  });

  test('is not moved back by more approvals, and an edit outweighs every approval and no rejection', () => {
    fc.assert(
      fc.property(verdictsOf, quorumOf, fc.constantFrom('ann', 'zoe'), (given, quorum, approver) => {
        const standing = tally(given.map(verdict), quorum);
        const order = ['pending', 'approved', 'edited', 'rejected'];
        const after = tally([...given, [approver, 'approve'] as const].map(verdict), quorum);
        expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(standing));
        const edited = standing === 'rejected' ? 'rejected' : 'edited';
        expect(tally([...given, [approver, 'edit'] as const].map(verdict), quorum)).toBe(edited);
      }),
    );
  });
});

test('nobody approves what he asked for, what he wrote or what his group owns, whatever his roles', () => {
  const names = fc.constantFrom('ann', 'ben', 'team', 'desk');
  fc.assert(
    fc.property(
      names,
      fc.array(names),
      fc.array(names),
      names,
      names,
      fc.array(names),
      (subject, roles, groups, initiator, ownerGroup, editors) => {
        const duties = { initiator, ownerGroup, editors };
        const objection = objectionTo({ subject, roles, groups }, ['ann', 'desk'], duties);
        const isInvolved = subject === initiator || groups.includes(ownerGroup) || editors.includes(subject);
        const mayApprove = roles.includes('ann') || roles.includes('desk');
        expect(objection === undefined).toBe(mayApprove && !isInvolved);
      },
    ),
  );
});
