import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs } from '../../../src/domain/duration.ts';
import { callIdOf, isCallId, turnOf } from '../../../src/domain/ids.ts';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

test('a duration is its number times its unit', () => {
  const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999_999 }), unit, (count, name) => {
      expect(durationMs(`${count}${name}`)).toBe(count * units[name]);
    }),
  );
});

test('nothing else is a duration', () => {
  for (const text of [
    '',
    '0s',
    '1',
    's',
    '-1s',
    '1.5s',
    '1 s',
    '01s',
    '1S',
    '1w',
    '1s2s',
    '1e3s',
    '１s',
    ' 1s',
    '1s\n',
    '12345678s',
  ]) {
    expect(() => durationMs(text)).toThrow(RangeError);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^[1-9][0-9]{0,6}(ms|s|m|h|d)$/.test(text));
      expect(() => durationMs(text)).toThrow(RangeError);
    }),
  );
});

test('a call id of the engine names its turn, and no other form is one', () => {
  const count = fc.integer({ min: 1, max: 999_999_999 });
  fc.assert(
    fc.property(count, fc.nat({ max: 999_999_999 }), (turn, index) => {
      const callId = callIdOf(turn, index);
      expect(isCallId(callId)).toBe(true);
      expect(turnOf(callId)).toBe(turn);
    }),
  );
  for (const text of ['', 't1', 't0.0', 't01.0', 't1.01', 't1.0 ', 't1.0/t2.0', 'T1.0', 't1.0\n', 't1234567890.0']) {
    expect({ text, isCallId: isCallId(text) }).toEqual({ text, isCallId: false });
  }
});
