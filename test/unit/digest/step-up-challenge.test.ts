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
