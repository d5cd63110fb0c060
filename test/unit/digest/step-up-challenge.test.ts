import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/digest/canonical-json.ts';
import { stepUpChallenge } from '../../../src/digest/passkey-digests.ts';

const text = fc.string({ maxLength: 8 });
const tuple = fc.record({
  approvalId: text,
  actionDigest: text,
  renderHash: text,
  verdict: fc.constantFrom('approve' as const, 'reject' as const, 'edit' as const),
  approver: text,
  roles: fc.array(text, { maxLength: 3 }),
  acr: text,
  nonce: text,
  at: text,
});

const edit = fc.record({
  callId: text,
  argsRef: text,
  digest: text,
  requirement: fc.record({
    quorum: fc.nat(),
    roles: fc.array(text, { maxLength: 3 }),
    ttlSeconds: fc.nat(),
    stepUp: fc.boolean(),
  }),
});
const edited = fc.record({ tuple, edit });

test('a challenge is SHA-256 over its domain and the canonical tuple, and over nothing else of the verdict', () => {
  fc.assert(
    fc.property(tuple, text, (verdict, reason) => {
      const expected = createHash('sha256')
        .update(`countersign/step-up/v1\0${canonicalJson({ ...verdict, roles: [...verdict.roles] })}`, 'utf8')
        .digest('base64url');
      const whole = { ...verdict, reason };
      expect(stepUpChallenge(whole)).toBe(expected);
    }),
  );
});

test('two challenges are the same only for the same tuple', () => {
  fc.assert(
    fc.property(tuple, tuple, (left, right) => {
      expect(stepUpChallenge(left) === stepUpChallenge(right)).toBe(canonicalJson(left) === canonicalJson(right));
    }),
  );
});

test('with an edit, every part of the edit is in the challenge as well', () => {
  fc.assert(
    fc.property(edited, edited, (left, right) => {
      const [one, two] = [left, right].map((each) => ({ ...each.tuple, edit: each.edit }));
      expect(
        stepUpChallenge({ ...left.tuple, edit: left.edit }) === stepUpChallenge({ ...right.tuple, edit: right.edit }),
      ).toBe(JSON.stringify(one) === JSON.stringify(two));
    }),
  );
});

test.each<[string, object]>([
  ['another call', { callId: 't2.0' }],
  ['other arguments', { digest: 'sha256:2' }],
  ['other stored bytes', { argsRef: 'blob-2' }],
  ['a smaller quorum afterwards', { requirement: { quorum: 1, roles: ['approver'], ttlSeconds: 60, stepUp: true } }],
  ['other roles afterwards', { requirement: { quorum: 2, roles: ['lead'], ttlSeconds: 60, stepUp: true } }],
  ['more time afterwards', { requirement: { quorum: 2, roles: ['approver'], ttlSeconds: 61, stepUp: true } }],
  [
    'others who are asked afterwards',
    {
      requirement: {
        quorum: 2,
        roles: ['approver'],
        ttlSeconds: 60,
        stepUp: true,
        widen: [{ afterSeconds: 1, roles: ['lead'] }],
      },
    },
  ],
  ['no step-up afterwards', { requirement: { quorum: 2, roles: ['approver'], ttlSeconds: 60, stepUp: false } }],
])('the challenge of an edit is not that of one with %s', (_what, change) => {
  fc.assert(
    fc.property(tuple, (verdict) => {
      const requirement = { quorum: 2, roles: ['approver'], ttlSeconds: 60, stepUp: true };
      const honest = { callId: 't1.0', argsRef: 'blob-1', digest: 'sha256:1', requirement };
      expect(stepUpChallenge({ ...verdict, edit: { ...honest, ...change } })).not.toBe(
        stepUpChallenge({ ...verdict, edit: honest }),
      );
      expect(stepUpChallenge({ ...verdict, edit: honest })).not.toBe(stepUpChallenge(verdict));
    }),
  );
});
