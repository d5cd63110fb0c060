import { describe, expect, test } from 'vitest';
import { sheetRows } from '../../../src/domain/action-sheet.ts';

describe('the rows that people are shown', () => {
  test('take no role from what every object has', () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      expect(sheetRows({ [name]: 1 }, {})).toEqual([{ path: name, role: 'unclassified', json: '1' }]);
    }
  });

  test('never say the same of two different arguments', () => {
    const nested = sheetRows({ data: { to: { iban: 1 } } }, {});
    const flat = sheetRows({ data: { 'to.iban': 1 } }, {});
    expect(nested).toMatchObject([{ path: 'data.to.iban' }]);
    expect(flat).toMatchObject([{ path: 'data["to.iban"]' }]);
  });

  test('do not outgrow the arguments, whatever a model calls them', () => {
    const leaves = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`a${index}`, 1]));
    const rows = sheetRows({ data: { ['n'.repeat(100_000)]: leaves }, other: { plain: 1 } }, { data: 'payload' });
    expect(rows).toMatchObject([{ path: 'data', role: 'payload' }, { path: 'other.plain' }]);
    expect(JSON.parse(rows[0]?.json ?? '')).toEqual({ ['n'.repeat(100_000)]: leaves });
  });
});
