import { type Selectable, sql } from 'kysely';
import type { AuditRecord } from '../../domain/audit-record.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { DelegationRow, DelegationStore } from '../../ports/delegation-store.port.ts';
import { outboxRows, withRecords } from './outbox-rows.ts';
import type { DelegationsTable } from './people-tables.ts';
import { query, transition } from './run-statement.ts';
import { openJson, sealJson } from './sealed-json.ts';
import type { StorageContext } from './storage-context.ts';
import { subjectMac } from './subject-mac.ts';

const delegationContext = (delegationId: string) => `delegation/${delegationId}`;

/** Delegations, found by commitments to the two people. */
export function createSqlDelegationStore({ db, keys, notices }: StorageContext): DelegationStore {
  const sealed = (row: DelegationRow) => {
    const { tenant, delegationId } = row.signed.delegation;
    return sealJson(keys, tenant, delegationContext(delegationId), row);
  };

  /** A row that does not open is nobody's right, and disturbs no other. */
  async function opened(row: Selectable<DelegationsTable>): Promise<DelegationRow | undefined> {
    try {
      const content = await openJson<DelegationRow>(keys, row.tenant, delegationContext(row.delegation_id), {
        keyId: row.delegation_key_id,
        bytes: row.delegation,
      });
      // Whoever can write the column alone cannot bring an ended one back.
      return content.state === row.state ? content : undefined;
    } catch (error) {
      if (error instanceof CountersignError && error.code === 'undecodable') return undefined;
      throw error;
    }
  }

  async function changed(statement: ReturnType<typeof sql<{ changed: boolean }>>, record: AuditRecord) {
    const outcome = await transition(db, statement, (row) => row);
    if (outcome.changed) notices.committed([record]);
    return outcome.changed;
  }

  return {
    async lend(signed, most, record) {
      const { tenant, delegationId, from, to, begins, ends, at } = signed.delegation;
      const { keyId, bytes } = await sealed({ signed, state: 'active' });
      const [fromMac, toMac] = await Promise.all([from, to].map((subject) => subjectMac(keys, tenant, subject)));
      const statement = sql<{ changed: boolean }>`
        with held as (
          select count(*) as held from delegations
          where tenant = ${tenant}::text and from_mac = ${fromMac}::text and state = 'active'
            and ends_at > ${at}::timestamptz
        ), changed as (
          insert into delegations (tenant, delegation_id, from_mac, to_mac, state, begins_at, ends_at, delegation_key_id, delegation)
          select ${tenant}::text, ${delegationId}::text, ${fromMac}::text, ${toMac}::text, 'active',
            ${begins}::timestamptz, ${ends}::timestamptz, ${keyId}::text, ${bytes}::bytea
          from held where held.held < ${most}::integer
          returning 1
        ), ${withRecords(await outboxRows(keys, [record]))}
        select exists (select from changed) as changed`;
      return (await changed(statement, record)) ? 'lent' : 'limit';
    },

    async find(tenant, delegationId) {
      const row = await query(() =>
        db
          .selectFrom('delegations')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('delegation_id', '=', delegationId)
          .executeTakeFirst(),
      );
      return row && opened(row);
    },

    async list({ tenant, from, to, inForceAt, limit }) {
      const mac = async (subject: string | undefined) => subject && (await subjectMac(keys, tenant, subject));
      const [fromMac, toMac] = [await mac(from), await mac(to)];
      const rows = await query(() => {
        let found = db.selectFrom('delegations').selectAll().where('tenant', '=', tenant);
        if (fromMac !== undefined) found = found.where('from_mac', '=', fromMac);
        if (toMac !== undefined) found = found.where('to_mac', '=', toMac);
        if (inForceAt !== undefined) {
          const at = new Date(inForceAt);
          found = found.where('state', '=', 'active').where('begins_at', '<=', at).where('ends_at', '>', at);
        }
        // 'active' before 'ended': what lasts is on the list, however much was lent and ended besides.
        return found.orderBy('state').orderBy('ends_at', 'desc').orderBy('delegation_id').limit(limit).execute();
      });
      return (await Promise.all(rows.map(opened))).filter((row) => row !== undefined);
    },

    async end(signed, { by, at }, record) {
      const { tenant, delegationId } = signed.delegation;
      const { keyId, bytes } = await sealed({ signed, state: 'ended', endedBy: by, endedAt: at });
      const statement = sql<{ changed: boolean }>`
        with changed as (
          update delegations set state = 'ended', delegation_key_id = ${keyId}::text, delegation = ${bytes}::bytea
          where tenant = ${tenant}::text and delegation_id = ${delegationId}::text and state = 'active'
          returning 1
        ), ${withRecords(await outboxRows(keys, [record]))}
        select exists (select from changed) as changed`;
      return changed(statement, record);
    },
  };
}
