import { expect, test } from 'vitest';
import { absoluteText, clockText, relativeText, spanText } from '../../../src/web/time-text.ts';

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_900_000, '1 h 05 min'],
  [86_400_000, '1 d 0 h'],
  [190_000_000, '2 d 4 h'],
  [-5, '0 s'],
])('a span of %d ms reads %s', (milliseconds, text) => {
  expect(spanText(milliseconds)).toBe(text);
});

test('a time is told from now, in both directions', () => {
  const now = Date.parse('2026-07-10T10:00:00Z');
  expect(relativeText('2026-07-10T09:58:00Z', now)).toBe('2 min ago');
  expect(relativeText('2026-07-10T13:05:00Z', now)).toBe('in 3 h 05 min');
  expect(relativeText('2026-07-10T10:00:02Z', now)).toBe('just now');
});

test('the absolute form is UTC to the second', () => {
  expect(absoluteText('2026-07-10T12:00:00.123+02:00')).toBe('2026-07-10 10:00:00 UTC');
  expect(clockText('2026-07-10T10:00:07Z')).toBe('10:00:07');
  expect(absoluteText('no date')).toBe('no date');
});
