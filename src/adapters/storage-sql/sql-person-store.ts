import { sql } from 'kysely';
import type { KnownPerson, PersonStore } from '../../ports/person-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import { query, transition } from './run-statement.ts';
import { openJson } from './sealed-json.ts';
import { personContext, sealPerson } from './sealed-person.ts';
import type { StorageContext } from './storage-context.ts';
import { installation, subjectMac } from './subject-mac.ts';

interface PersonColumns {
  readonly subject_mac: string;
  readonly person_key_id: string;
  readonly person: Uint8Array;
}

export function createSqlPersonStore({ db, keys, notices }: StorageContext): PersonStore {
  const opened = (row: PersonColumns): Promise<KnownPerson> =>
    openJson(keys, installation, personContext(row.subject_mac), { keyId: row.person_key_id, bytes: row.person });

  return {
    async find(subject) {
      const mac = await subjectMac(keys, installation, subject);
      const row = await query(() =>
        db.selectFrom('people').selectAll().where('subject_mac', '=', mac).executeTakeFirst(),
      );
      return row && opened(row);
    },

    async names(limit) {
      const rows = await query(() =>
        db.selectFrom('people').selectAll().orderBy('learned_at', 'desc').limit(limit).execute(),
      );
      const known = await Promise.all(rows.map(opened));
      return new Map(known.map(({ identity }) => [identity.subject, identity.displayName]));
    },

    async claimRefresh(subject, { learnedBefore, now, until }) {
      const mac = await subjectMac(keys, installation, subject);
      const { rows } = await query(() =>
        sql<PersonColumns>`
          update people set refresh_claimed_until = ${until}::timestamptz
          where subject_mac = ${mac}::text and refreshable and learned_at < ${learnedBefore}::timestamptz
            and (refresh_claimed_until is null or refresh_claimed_until <= ${now}::timestamptz)
          returning subject_mac, person_key_id, person`.execute(db),
      );
      return rows[0] && opened(rows[0]);
    },

    async renew(claimed, renewed) {
      const sealed = await sealPerson(keys, renewed);
      const { rows } = await query(() =>
        sql`
          update people set person_key_id = ${sealed.keyId}::text, person = ${sealed.bytes}::bytea,
            learned_at = ${renewed.learnedAt}::timestamptz, refreshable = ${renewed.refreshToken !== undefined}::boolean,
            refresh_claimed_until = null
          where subject_mac = ${sealed.mac}::text and learned_at = ${claimed.learnedAt}::timestamptz
          returning 1`.execute(db),
      );
      return rows.length > 0;
    },

    async forget(claimed, record) {
      const mac = await subjectMac(keys, installation, claimed.identity.subject);
      const rows = await outboxRows(keys, [record]);
      const statement = sql<{ forgotten: boolean }>`
        with changed as (
          delete from people where subject_mac = ${mac}::text and learned_at = ${claimed.learnedAt}::timestamptz
          returning 1
        ), ended as (
          delete from sessions where subject_mac = ${mac}::text and exists (select from changed)
        ), ${withRecords(rows)}
        select exists (select from changed) as forgotten`;
      const { forgotten } = await transition(db, statement, (row) => row);
      if (forgotten) notices.committed([record]);
      return forgotten;
    },
  };
}
