import { describe, expect, test } from 'vitest';
import { type Attempt, attemptsBeforeGivingUp } from '../../../activities/attempt.ts';
import type { Candidate, DecisionBasis } from '../../../activities/decide-action.ts';
import { decideInTheEnd } from '../../../activities/decide-without-facts.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { ErrorCode } from '../../../src/domain/error-registry.ts';

const deps = { policy: { policyDigest: 'sha256:0', evaluate: () => Promise.reject(new Error('nobody asks')) } };
const [candidate, basis] = [{} as Candidate, {} as DecisionBasis];

const attemptOf = (number: number) => ({ number }) as Attempt;
const failing = (code: ErrorCode) => async () => {
  throw new CountersignError(code);
};
const lastAttempt = attemptOf(attemptsBeforeGivingUp);

describe('a decision that cannot be made for want of facts', () => {
  test('is tried again while there are attempts', async () => {
    const decide = decideInTheEnd(deps, failing('facts-unavailable'), attemptOf(attemptsBeforeGivingUp - 1));
    await expect(decide(candidate, basis)).rejects.toMatchObject({ code: 'facts-unavailable' });
  });

  test.each(['facts-unavailable', 'tool-unreachable'] as const)('is a denial in the end, after %s', async (code) => {
    const { decision } = await decideInTheEnd(deps, failing(code), lastAttempt)(candidate, basis);
    expect(decision).toMatchObject({ kind: 'deny', code: 'tool-failed', reasons: [{ rule: 'facts-unavailable' }] });
  });

  test('is no denial where something else failed: that is tried until it is mended', async () => {
    const decide = decideInTheEnd(deps, failing('unavailable'), lastAttempt);
    await expect(decide(candidate, basis)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
