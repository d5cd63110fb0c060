import { expect, test } from 'vitest';
import { labelOf, wordsOf } from '../../../src/domain/plain-words.ts';

test('words are taken from names, and nothing else is', () => {
  expect(wordsOf('ibanOfSupplier')).toEqual(['IBAN', 'of', 'supplier']);
  expect(labelOf('poNumber')).toBe('PO number');
  for (const name of ['constructor', '__proto__', 'toString']) {
    for (const word of wordsOf(name)) expect(word).toBeTypeOf('string');
  }
});
