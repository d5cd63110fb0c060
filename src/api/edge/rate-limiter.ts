import type { Clock } from '../../ports/clock.port.ts';

export interface RateLimit {
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests a second in the long run. */
  readonly perSecond: number;
}

export interface RateLimiter {
  /** Takes one token of this key: 0 if there was one, else the milliseconds until there is. */
  take(key: string): number;
}

/** Keys that are remembered; the one unused for longest is forgotten first, which at worst gives it a new burst. */
const maxKeys = 10_000;

/** A token bucket for each key. */
export function createRateLimiter({ burst, perSecond }: RateLimit, clock: Clock): RateLimiter {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  return {
    take(key) {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      const tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      const [leastRecent] = buckets.size > maxKeys ? buckets.keys() : [];
      if (leastRecent !== undefined) buckets.delete(leastRecent);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
    },
  };
}
