import { sql } from 'kysely';
import type { Session, SessionStore } from '../../ports/session-store.port.ts';
import { query } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';

/** A session belongs to a person and not to a tenant: these are sealed under the installation's own keys. */
const installation = 'system';

const sessionContext = (idHash: string) => `session/${idHash}`;

/** Login sessions. Creating one sweeps those that have ended. */
export function createSqlSessionStore({ db, keys }: StorageContext): SessionStore {
  return {
    async create(session) {
      const { idHash, createdAt, lastSeenAt, expiresAt } = session;
      const { keyId, bytes } = await sealJson(keys, installation, sessionContext(idHash), session);
      await query(() =>
        sql`
          with swept as (delete from sessions where expires_at <= ${createdAt}::timestamptz)
          insert into sessions (id_hash, session_key_id, session, last_seen_at, expires_at)
          values (${idHash}::text, ${keyId}::text, ${bytes}::bytea, ${lastSeenAt}::timestamptz, ${expiresAt}::timestamptz)`.execute(
          db,
        ),
      );
    },

    async find(idHash) {
      const row = await query(() =>
        db.selectFrom('sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      const sealed = { keyId: row.session_key_id, bytes: row.session };
      const session = await openJson<Session>(keys, installation, sessionContext(idHash), sealed);
      return { ...session, lastSeenAt: row.last_seen_at.toISOString() };
    },

    async touch(idHash, at) {
      await query(() => db.updateTable('sessions').set({ last_seen_at: at }).where('id_hash', '=', idHash).execute());
    },

    async end(idHash) {
      await query(() => db.deleteFrom('sessions').where('id_hash', '=', idHash).execute());
    },
  };
}
