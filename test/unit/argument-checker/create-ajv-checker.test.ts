import { describe, expect, test } from 'vitest';
import { createAjvChecker } from '../../../src/adapters/argument-checker-ajv/create-ajv-checker.ts';

const schema = () => ({ type: 'object', properties: { amount: { type: 'number' } }, additionalProperties: false });

describe('the argument checker', () => {
  test('goes on checking however often the catalogue is reloaded', () => {
    const checker = createAjvChecker();
    for (let reload = 0; reload < 1_100; reload += 1) expect(checker.check(schema(), { amount: 1 })).toEqual([]);
    expect(checker.check(schema(), { amount: '1' })).toHaveLength(1);
  });

  test('says of a long name only so much that it fits into a history', () => {
    const open = { type: 'object', additionalProperties: { type: 'string' } };
    const [broken] = createAjvChecker().check(open, { ['n'.repeat(1_000_000)]: 1 });
    expect(broken?.path.length).toBeLessThanOrEqual(128);
  });

  test('stops at the first offence', () => {
    const list = { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } };
    const items = Array.from({ length: 100_000 }, () => 1);
    expect(createAjvChecker().check(list, { items })).toHaveLength(1);
  });
});
