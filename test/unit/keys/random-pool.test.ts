import { expect, test } from 'vitest';
import { createRandomPool } from '../../../src/adapters/keys-file/random-pool.ts';

test('no two draws share a byte of the pool, over many fillings', () => {
  const random = createRandomPool();
  const drawn = Array.from({ length: 2_000 }, () => Buffer.from(random(12)).toString('hex'));
  expect(new Set(drawn).size).toBe(drawn.length);
});

test('what was drawn stays as it was when the pool is filled again', () => {
  const random = createRandomPool();
  const first = random(4_096);
  const copy = Buffer.from(first);
  random(4_096);
  expect(Buffer.from(first).equals(copy)).toBe(true);
});

test('more than the pool holds is refused', () => {
  expect(() => createRandomPool()(4_097)).toThrow(RangeError);
});
