import { type Selectable, sql } from 'kysely';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Passkey } from '../../domain/passkey.ts';
import type { PasskeyStore } from '../../ports/passkey-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import type { PasskeysTable } from './people-tables.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';
import { installation, subjectMac } from './subject-mac.ts';

/** The counter moves with every use; everything else is sealed, the state once more. */
type SealedPasskey = Omit<Passkey, 'counter'>;

const passkeyContext = (passkeyId: string) => `passkey/${passkeyId}`;

/** Passkeys, found by their credential or by a commitment to whose they are. */
export function createSqlPasskeyStore({ db, keys, notices }: StorageContext): PasskeyStore {
  const sealed = ({ counter: _, ...passkey }: Passkey) => {
    const content: SealedPasskey = passkey;
    return sealJson(keys, passkey.tenant, passkeyContext(passkey.passkeyId), content);
  };

  async function opened(row: Selectable<PasskeysTable>): Promise<Passkey> {
    const content = await openJson<SealedPasskey>(keys, row.tenant, passkeyContext(row.passkey_id), {
      keyId: row.passkey_key_id,
      bytes: row.passkey,
    });
    // Whoever can write the column alone can neither confirm a passkey nor bring a revoked one back.
    if (content.state !== row.state)
      throw new CountersignError('undecodable', { message: 'A stored passkey does not verify.' });
    return { ...content, counter: Number(row.counter) };
  }

  return {
    async enrol(passkey, record) {
      const { tenant, passkeyId, subject, state, counter, enrolledAt } = passkey;
      const { keyId, bytes } = await sealed(passkey);
      const mac = await subjectMac(keys, installation, subject);
      const statement = sql<{ enrolled: boolean }>`
        with changed as (
          insert into passkeys (tenant, passkey_id, subject_mac, state, counter, passkey_key_id, passkey, enrolled_at)
          values (${tenant}::text, ${passkeyId}::text, ${mac}::text, ${state}::text, ${counter}::bigint,
            ${keyId}::text, ${bytes}::bytea, ${enrolledAt}::timestamptz)
          on conflict do nothing
          returning 1
        ), ${withRecords(await outboxRows(keys, [record]))}
        select exists (select from changed) as enrolled`;
      const { enrolled } = await transition(db, statement, (row) => row);
      if (enrolled) notices.committed([record]);
      return enrolled ? 'enrolled' : 'known';
    },

    async find(tenant, passkeyId) {
      const row = await query(() =>
        db
          .selectFrom('passkeys')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('passkey_id', '=', passkeyId)
          .executeTakeFirst(),
      );
      return row && opened(row);
    },

    async list({ tenant, subject, state, limit }) {
      const mac = subject === undefined ? undefined : await subjectMac(keys, installation, subject);
      const rows = await query(() => {
        let found = db.selectFrom('passkeys').selectAll().where('tenant', '=', tenant);
        if (mac !== undefined) found = found.where('subject_mac', '=', mac);
        if (state !== undefined) found = found.where('state', '=', state);
        return found.orderBy('enrolled_at', 'desc').orderBy('passkey_id').limit(limit).execute();
      });
      return Promise.all(rows.map(opened));
    },

    async move(from, passkey, record) {
      const { tenant, passkeyId, state } = passkey;
      const { keyId, bytes } = await sealed(passkey);
      const statement = sql<{ moved: boolean }>`
        with changed as (
          update passkeys set state = ${state}::text, passkey_key_id = ${keyId}::text, passkey = ${bytes}::bytea
          where tenant = ${tenant}::text and passkey_id = ${passkeyId}::text and state = ${from}::text
          returning 1
        ), ${withRecords(await outboxRows(keys, [record]))}
        select exists (select from changed) as moved`;
      const { moved } = await transition(db, statement, (row) => row);
      if (moved) notices.committed([record]);
      return moved;
    },

    async advance(tenant, passkeyId, counter) {
      const statement = sql<{ advanced: boolean }>`
        with changed as (
          update passkeys set counter = ${counter}::bigint
          where tenant = ${tenant}::text and passkey_id = ${passkeyId}::text and state = 'confirmed'
            and (counter < ${counter}::bigint or (counter = 0 and ${counter}::bigint = 0))
          returning 1
        )
        select exists (select from changed) as advanced`;
      return (await transition(db, statement, (row) => row)).advanced;
    },
  };
}
