import { sql } from 'kysely';
import type { PasskeyChallenge, PasskeyChallengeStore } from '../../ports/passkey-store.port.ts';
import { query } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';
import { installation } from './subject-mac.ts';

const challengeContext = (challengeId: string) => `passkey-challenge/${challengeId}`;

/** Challenges that wait for their one answer: at most one a session. */
export function createSqlPasskeyChallenges({ db, keys }: StorageContext): PasskeyChallengeStore {
  return {
    async open(challenge, now) {
      const { challengeId, session, expiresAt } = challenge;
      const { keyId, bytes } = await sealJson(keys, installation, challengeContext(challengeId), challenge);
      await query(() =>
        sql`
          with swept as (
            delete from passkey_challenges where session_hash = ${session}::text or expires_at <= ${now}::timestamptz
          )
          insert into passkey_challenges (challenge_id, session_hash, challenge_key_id, challenge, expires_at)
          values (${challengeId}::text, ${session}::text, ${keyId}::text, ${bytes}::bytea, ${expiresAt}::timestamptz)`.execute(
          db,
        ),
      );
    },

    async take(challengeId, now) {
      const row = await query(() =>
        db.deleteFrom('passkey_challenges').where('challenge_id', '=', challengeId).returningAll().executeTakeFirst(),
      );
      if (row === undefined || row.expires_at.getTime() <= Date.parse(now)) return undefined;
      const sealed = { keyId: row.challenge_key_id, bytes: row.challenge };
      return openJson<PasskeyChallenge>(keys, installation, challengeContext(challengeId), sealed);
    },
  };
}
