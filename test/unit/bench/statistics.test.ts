import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { steadyRate } from '../../../bench/measure.ts';
import { median, pairwiseRatio, quantile } from '../../../bench/statistics.ts';

const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('a quantile', () => {
  test('lies within the samples, grows with its share, and does not mind their order', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const value = quantile(values, share);
        expect(value).toBeGreaterThanOrEqual(Math.min(...values));
        expect(value).toBeLessThanOrEqual(Math.max(...values));
        expect(quantile(values, share / 2)).toBeLessThanOrEqual(value + 1e-6);
        expect(quantile(values.toReversed(), share)).toBe(value);
      }),
    );
  });

  test('is linear between neighbours', () => {
    expect(median([1, 2, 3, 4])).toBe(2.5);
    expect(quantile([10, 20, 30], 0.95)).toBeCloseTo(29);
  });

  test('of nothing is an error', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('ratios are taken round by round, so that a slow round slows both of its sides', () => {
  expect(pairwiseRatio([11, 110, 1_100], [10, 100, 1_000])).toEqual({
    median: 1.1,
    lowest: 1.1,
    highest: 1.1,
  });
});

describe('the rate of runs at once', () => {
  test('counts what happened while all of them were under way', () => {
    const first = [0, 100, 200, 300, 400];
    const second = [150, 250, 350, 450];
    expect(steadyRate([first, second])).toBeCloseTo(5 / 0.25);
  });

  test('is unknown where they followed each other', () => {
    expect(
      steadyRate([
        [0, 100],
        [200, 300],
      ]),
    ).toBeUndefined();
  });
});
