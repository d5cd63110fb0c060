import { sql } from 'kysely';
import type { PendingCallback, SignInStore } from '../../ports/person-store.port.ts';
import { query } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';
import { installation } from './subject-mac.ts';

const signInContext = (keyHash: string) => `sign-in/${keyHash}`;

/** Sign-ins between the way to the identity provider and the way back. */
export function createSqlSignInStore({ db, keys }: StorageContext): SignInStore {
  return {
    async keep(keyHash, pending, { now, expiresAt }) {
      const { keyId, bytes } = await sealJson(keys, installation, signInContext(keyHash), pending);
      await query(() =>
        sql`
          with swept as (delete from sign_ins where expires_at <= ${now}::timestamptz)
          insert into sign_ins (key_hash, sign_in_key_id, sign_in, expires_at)
          values (${keyHash}::text, ${keyId}::text, ${bytes}::bytea, ${expiresAt}::timestamptz)`.execute(db),
      );
    },

    async take(keyHash, now) {
      const { rows } = await query(() =>
        sql<{ readonly sign_in_key_id: string; readonly sign_in: Uint8Array }>`
          delete from sign_ins where key_hash = ${keyHash}::text and expires_at > ${now}::timestamptz
          returning sign_in_key_id, sign_in`.execute(db),
      );
      const [row] = rows;
      if (row === undefined) return undefined;
      const sealed = { keyId: row.sign_in_key_id, bytes: row.sign_in };
      return openJson<PendingCallback>(keys, installation, signInContext(keyHash), sealed);
    },
  };
}
