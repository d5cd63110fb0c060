import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Before anything else is done for a request: its address has a token, or it waits. */
export function addressLimit(limiter: RateLimiter): MiddlewareHandler {
  return async (context, next) => {
    requireToken(limiter, addressOf(context));
    await next();
  };
}

/** Throws `rate-limited` with the time after which there is a token. */
export function requireToken(limiter: RateLimiter, key: string): void {
  const retryAfterMs = limiter.take(key);
  if (retryAfterMs > 0) throw new CountersignError('rate-limited', { retryAfterMs });
}

/** Empty where there is no socket: then all requests share one bucket. */
function addressOf(context: Context): string {
  const { env } = context;
  return typeof env === 'object' && env !== null && 'incoming' in env
    ? (getConnInfo(context).remote.address ?? '')
    : '';
}
