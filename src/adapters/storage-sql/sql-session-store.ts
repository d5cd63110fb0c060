import { type RawBuilder, sql } from 'kysely';
import type { Sealed } from '../../ports/key-service.port.ts';
import type { KnownPerson } from '../../ports/person-store.port.ts';
import type { Session, SessionStore } from '../../ports/session-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import type { SessionsTable } from './people-tables.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import { sealPerson } from './sealed-person.ts';
import type { StorageContext } from './storage-context.ts';
import { installation, subjectMac } from './subject-mac.ts';

const sessionContext = (idHash: string) => `session/${idHash}`;

/** Login sessions. Opening one sweeps those that have ended. */
export function createSqlSessionStore({ db, keys, notices }: StorageContext): SessionStore {
  const opened = async (row: SessionColumns): Promise<Session> => {
    const sealed = { keyId: row.session_key_id, bytes: row.session };
    const session = await openJson<Session>(keys, installation, sessionContext(row.id_hash), sealed);
    return { ...session, lastSeenAt: row.last_seen_at.toISOString() };
  };

  return {
    async open({ session, record, replaced, person }) {
      const { idHash, tenant, subject, createdAt, lastSeenAt, expiresAt } = session;
      const { keyId, bytes } = await sealJson(keys, installation, sessionContext(idHash), session);
      const mac = await subjectMac(keys, installation, subject);
      const rows = await outboxRows(keys, [record]);
      const statement = sql<{ opened: number }>`
        with swept as (
          delete from sessions where expires_at <= ${createdAt}::timestamptz or id_hash = ${replaced ?? null}::text
        ), changed as (
          insert into sessions (id_hash, tenant, subject_mac, session_key_id, session, last_seen_at, expires_at)
          values (${idHash}::text, ${tenant}::text, ${mac}::text, ${keyId}::text, ${bytes}::bytea,
            ${lastSeenAt}::timestamptz, ${expiresAt}::timestamptz)
          returning 1
        ), ${person === undefined ? nobody : rememberedPerson(person, await sealPerson(keys, person))}
        ${withRecords(rows)}
        select 1 as opened`;
      await transition(db, statement, (row) => row);
      notices.committed([record]);
    },

    async find(idHash) {
      const row = await query(() =>
        db.selectFrom('sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst(),
      );
      return row && opened(row);
    },

    async touch(idHash, at) {
      await query(() => db.updateTable('sessions').set({ last_seen_at: at }).where('id_hash', '=', idHash).execute());
    },

    async end(idHash, record) {
      const records = record === undefined ? [] : [record];
      const rows = await outboxRows(keys, records);
      await transition(
        db,
        sql`with changed as (delete from sessions where id_hash = ${idHash}::text returning 1), ${withRecords(rows)}
          select 1 as ended`,
        (row) => row,
      );
      notices.committed(records);
    },

    async list({ tenant, subject, at, usedAfter, limit }) {
      const mac = subject === undefined ? undefined : await subjectMac(keys, installation, subject);
      const rows = await query(() => {
        const ofTenant = db
          .selectFrom('sessions')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('expires_at', '>', sql<Date>`${at}::timestamptz`)
          .where('last_seen_at', '>', sql<Date>`${usedAfter}::timestamptz`);
        const ofPerson = mac === undefined ? ofTenant : ofTenant.where('subject_mac', '=', mac);
        return ofPerson.orderBy('last_seen_at', 'desc').limit(limit).execute();
      });
      return Promise.all(rows.map(opened));
    },

    async endOf({ tenant, subject, sessionId }, record) {
      const mac = await subjectMac(keys, installation, subject);
      const rows = await outboxRows(keys, [record]);
      const statement = sql<{ ended: number }>`
        with changed as (
          delete from sessions where tenant = ${tenant}::text and subject_mac = ${mac}::text
            and (${sessionId ?? null}::text is null or 'ses_' || left(id_hash, 32) = ${sessionId ?? null}::text)
          returning 1
        ), ${withRecords(rows)}
        select (select count(*) from changed)::integer as ended`;
      const { ended } = await transition(db, statement, (row) => row);
      if (ended > 0) notices.committed([record]);
      return ended;
    },
  };
}

const nobody = sql``;

/** The newest word of the provider stays, whichever sign-in is written last. */
function rememberedPerson(
  { learnedAt, refreshToken }: KnownPerson,
  { mac, keyId, bytes }: Sealed & { readonly mac: string },
): RawBuilder<unknown> {
  return sql`known as (
    insert into people (subject_mac, person_key_id, person, learned_at, refreshable)
    values (${mac}::text, ${keyId}::text, ${bytes}::bytea, ${learnedAt}::timestamptz, ${refreshToken !== undefined}::boolean)
    on conflict (subject_mac) do update set person_key_id = excluded.person_key_id, person = excluded.person,
      learned_at = excluded.learned_at, refreshable = excluded.refreshable, refresh_claimed_until = null
    where people.learned_at <= excluded.learned_at
  ),`;
}

type SessionColumns = Pick<SessionsTable, 'id_hash' | 'session_key_id' | 'session'> & { readonly last_seen_at: Date };
