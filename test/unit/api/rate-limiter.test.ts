import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimiter } from '../../../src/api/edge/rate-limiter.ts';
import { manualClock } from './manual-clock.ts';

test('a burst passes, the next one waits for its token, and after that wait it passes', () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ burst: 2, perSecond: 4 }, clock);
  expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 0]);
  const waitMs = limiter.take('a');
  expect(waitMs).toBe(250);
  clock.advance(waitMs);
  expect(limiter.take('a')).toBe(0);
});

test('one key never uses up the tokens of another', () => {
  const limiter = createRateLimiter({ burst: 1, perSecond: 1 }, manualClock());
  limiter.take('greedy');
  expect(limiter.take('greedy')).toBeGreaterThan(0);
  expect(limiter.take('modest')).toBe(0);
});

test('in any stretch of time no more pass than the burst and the rate allow, however requests are spread', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
      const clock = manualClock();
      const limiter = createRateLimiter({ burst: 5, perSecond: 10 }, clock);
      const passed = gaps.filter((gap) => {
        clock.advance(gap);
        return limiter.take('a') === 0;
      }).length;
      const seconds = gaps.reduce((sum, gap) => sum + gap, 0) / 1_000;
      expect(passed).toBeLessThanOrEqual(5 + seconds * 10 + 1e-6);
    }),
  );
});

test('a clock that goes back gives no tokens', () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ burst: 1, perSecond: 1 }, clock);
  limiter.take('a');
  clock.advance(-60_000);
  expect(limiter.take('a')).toBeGreaterThan(0);
});
