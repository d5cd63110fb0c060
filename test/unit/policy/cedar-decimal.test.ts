import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cedarDecimal } from '../../../src/adapters/policy-cedar/cedar-decimal.ts';

test.each([
  [0, '0.0'],
  [-0, '0.0'],
  [5000, '5000.0'],
  [0.1, '0.1'],
  [-12.3456, '-12.3456'],
  [99_999_999_999.9999, '99999999999.9999'],
])('%d is written %s', (value, text) => {
  expect(cedarDecimal(value)).toBe(text);
});

test.each([0.00001, 1.23456, 1e-7, 1e21, 999_999_999_999.9999, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY])(
  '%d does not fit',
  (value) => {
    expect(cedarDecimal(value)).toBeUndefined();
  },
);

test('every count of ten-thousandths below 10^15 is written exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), (tenThousandths) => {
      const digits = (tenThousandths < 0n ? -tenThousandths : tenThousandths).toString().padStart(5, '0');
      const written = `${tenThousandths < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
      const text = cedarDecimal(Number(written));
      const [whole = '', fraction = ''] = (text ?? '').split('.');
      expect(BigInt(`${whole}${fraction.padEnd(4, '0')}`)).toBe(tenThousandths);
    }),
  );
});

test('no number at all is written as another one', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      const text = cedarDecimal(value);
      expect(text === undefined || Number(text) === value).toBe(true);
    }),
  );
});
