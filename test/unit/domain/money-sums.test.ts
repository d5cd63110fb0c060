import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumsOf } from '../../../src/domain/money-sums.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('the sums of several amounts', () => {
  test.each([
    ['nothing', [], []],
    ['one amount as it stands', [eur('12400.00')], [eur('12400.00')]],
    ['what floating point would get wrong', [eur('0.1'), eur('0.2')], [eur('0.3')]],
    ['the most decimal places of any', [eur('1'), eur('2.50'), eur('0.125')], [eur('3.625')]],
    ['a credit against a debit', [eur('1.00'), eur('-2.50')], [eur('-1.50')]],
    [
      'each currency by itself',
      [eur('1'), { amount: '5', currency: 'SEK' }, eur('2')],
      [eur('3'), { amount: '5', currency: 'SEK' }],
    ],
    ['no text that is no amount', [eur('1e3'), eur(''), eur('2')], [eur('2')]],
  ])('are %s', (_what, moneys, sums) => {
    expect(sumsOf(moneys)).toEqual(sums);
  });

  test('are exact and do not depend on the order', () => {
    const cents = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { minLength: 1, maxLength: 30 });
    const textOf = (value: bigint) => {
      const digits = String(value < 0n ? -value : value).padStart(3, '0');
      return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
    };
    fc.assert(
      fc.property(cents, (values) => {
        const total = values.reduce((sum, value) => sum + value, 0n);
        const moneys = values.map((value) => eur(textOf(value)));
        expect(sumsOf(moneys)).toEqual([eur(textOf(total))]);
        expect(sumsOf(moneys.toReversed())).toEqual([eur(textOf(total))]);
      }),
    );
  });
});
