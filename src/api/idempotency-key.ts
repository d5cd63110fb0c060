import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../digest/canonical-json.ts';
import { CountersignError } from '../domain/countersign-error.ts';

const keyForm = /^[\x21-\x7e]{1,255}$/;

/**
 * 32 hexadecimal digits: the same for the same key within its scope, and random without one.
 * Fails with `invalid-request` for a key that is not 1 to 255 visible ASCII characters.
 */
export function idOfKey(
  purpose: 'idempotency' | 'steer-id' | 'note-id',
  scope: readonly string[],
  key: string | undefined,
): string {
  if (key === undefined) return randomBytes(16).toString('hex');
  if (!keyForm.test(key)) {
    throw new CountersignError('invalid-request', {
      fields: [{ path: 'Idempotency-Key', rule: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  const hash = createHash('sha256')
    .update(`countersign/${purpose}/v1\0`)
    .update(canonicalJson([...scope, key]));
  return hash.digest('hex').slice(0, 32);
}
