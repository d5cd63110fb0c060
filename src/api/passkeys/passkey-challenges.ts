import { randomBytes } from 'node:crypto';
import type { PasskeyChallengeView } from '../../contracts/http/passkey.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { PasskeyChallenge, PasskeyChallengeStore } from '../../ports/passkey-store.port.ts';
import type { Principal } from '../principal.ts';

/** Milliseconds within which a challenge is answered; a little longer than an authenticator waits. */
export const challengeMs = 150_000;

/** Questions to authenticators: short-lived, answered once, by the session that asked. */
export interface PasskeyChallenges {
  /** Code: `forbidden` without a login session. */
  open(
    principal: Principal,
    purpose: PasskeyChallenge['purpose'],
    publicKey: JsonObject,
  ): Promise<PasskeyChallengeView>;
  /** Undefined where there is none for this session and person. It is spent either way. */
  take(principal: Principal, challengeId: string): Promise<PasskeyChallenge['purpose'] | undefined>;
}

export function createPasskeyChallenges({
  rows,
  clock,
}: {
  readonly rows: PasskeyChallengeStore;
  readonly clock: Clock;
}): PasskeyChallenges {
  return {
    async open({ identity, session }, purpose, publicKey) {
      if (session === undefined)
        throw new CountersignError('forbidden', { message: 'Passkeys belong to a browser: sign in there.' });
      const challengeId = `chl_${randomBytes(16).toString('hex')}`;
      const { tenant, subject } = identity;
      const now = clock.now();
      const expiresAt = new Date(now + challengeMs).toISOString();
      await rows.open({ challengeId, tenant, subject, session, expiresAt, purpose }, new Date(now).toISOString());
      return { challengeId, expiresAt, publicKey };
    },

    async take({ identity, session }, challengeId) {
      const challenge = await rows.take(challengeId, isoTime(clock));
      const isTheirs =
        challenge !== undefined &&
        challenge.session === session &&
        challenge.tenant === identity.tenant &&
        challenge.subject === identity.subject;
      return isTheirs ? challenge.purpose : undefined;
    },
  };
}
