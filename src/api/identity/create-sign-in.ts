import { randomBytes } from 'node:crypto';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { PendingSignIn, SignInStore } from '../../ports/person-store.port.ts';
import type { DescribedPerson, SignInProvider } from '../../ports/sign-in.port.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import type { ApiLog } from '../log.ts';
import type { SignInService } from '../services.ts';
import { attemptKeyOf } from './attempt-key.ts';
import type { SessionOpener } from './create-sessions.ts';
import { callbackCookie, callbackIdOf } from './session-cookie.ts';

/** How long somebody may take at the provider's pages. */
export const signInMs = 10 * 60 * 1_000;

/** Of all browsers together: each start is a row until it expires. */
export const signInStarts = { burst: 300, perSecond: 30 };

export interface SignInDependencies {
  readonly provider: SignInProvider;
  readonly signIns: SignInStore;
  readonly sessions: SessionOpener;
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly secure: boolean;
}

/** The way to the identity provider and back. What ties the two is kept here, under a cookie and the state together. */
export function createSignIn({ provider, signIns, sessions, clock, log, secure }: SignInDependencies): SignInService {
  const limiter = createRateLimiter(signInStarts, clock);
  const isoTime = (ms: number): string => new Date(ms).toISOString();

  async function taken(request: Request, query: URLSearchParams): Promise<PendingSignIn> {
    const id = callbackIdOf('sign-in', request, secure);
    const [state] = query.getAll('state');
    const pending =
      id === undefined || state === undefined
        ? undefined
        : await signIns.take(attemptKeyOf('sign-in', id, state), isoTime(clock.now()));
    if (pending?.purpose !== 'sign-in') throw new CountersignError('sign-in-stale');
    return pending;
  }

  async function proven(query: URLSearchParams, pending: PendingSignIn): Promise<DescribedPerson> {
    try {
      return await provider.complete(query, pending);
    } catch (error) {
      if (error instanceof CountersignError)
        log.info('sign-in-failed', { code: error.code, reason: error.message.slice(0, 300) });
      throw error;
    }
  }

  return {
    providerName: provider.name,

    async begin(request, returnTo) {
      const retryAfterMs = limiter.take('');
      if (retryAfterMs > 0) throw new CountersignError('rate-limited', { retryAfterMs });
      const { address, attempt } = await provider.begin();
      const id = randomBytes(32).toString('base64url');
      const former = sessions.formerOf(request);
      const pending = {
        purpose: 'sign-in',
        ...attempt,
        returnTo,
        ...(former !== undefined && { formerSession: former }),
      } as const;
      const now = clock.now();
      await signIns.keep(attemptKeyOf('sign-in', id, attempt.state), pending, {
        now: isoTime(now),
        expiresAt: isoTime(now + signInMs),
      });
      return { address, setCookie: callbackCookie('sign-in', secure, id, signInMs / 1_000) };
    },

    async complete(request) {
      const query = new URL(request.url).searchParams;
      const pending = await taken(request, query);
      const askedAt = isoTime(clock.now());
      const { identity, refreshToken } = await proven(query, pending);
      const person = { identity, learnedAt: askedAt, ...(refreshToken !== undefined && { refreshToken }) };
      const former = pending.formerSession ?? sessions.formerOf(request);
      const { setCookie } = await sessions.open(identity, former, person);
      return { setCookies: [setCookie, callbackCookie('sign-in', secure, '', 0)], returnTo: pending.returnTo };
    },
  };
}
