import { type Kysely, sql, type Transaction } from 'kysely';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Migration } from './migration.ts';
import { governedRun } from './migrations/0001-governed-run.ts';
import { sessionsOfPeople } from './migrations/0002-sessions-of-people.ts';
import { nudges } from './migrations/0003-nudges.ts';
import { steering } from './migrations/0004-steering.ts';
import { approvalInbox } from './migrations/0005-approval-inbox.ts';
import { people } from './migrations/0006-people.ts';
import { passkeys } from './migrations/0007-passkeys.ts';
import { edits } from './migrations/0008-edits.ts';
import { withdrawnVerdicts } from './migrations/0009-withdrawn-verdicts.ts';
import { delegations } from './migrations/0010-delegations.ts';
import { escalation } from './migrations/0011-escalation.ts';
import { likeApprovals } from './migrations/0012-like-approvals.ts';
import { approvalNotes } from './migrations/0013-approval-notes.ts';
import type { StorageTables } from './tables.ts';

/** In order of their versions. One that arrives after a later one was applied is applied all the same. */
export const migrations: readonly Migration[] = [
  governedRun,
  sessionsOfPeople,
  nudges,
  steering,
  approvalInbox,
  people,
  passkeys,
  edits,
  withdrawnVerdicts,
  delegations,
  escalation,
  likeApprovals,
  approvalNotes,
];

/** Any number that nobody else uses: two processes that migrate wait for each other on it. */
const migrationLock = 4_027_365_190;

/**
 * Brings the schema to the version of this code, in one transaction: all of it or nothing.
 * Fails with `invalid-configuration` on a database that a newer version has migrated.
 */
export async function migrateDatabase(
  db: Kysely<StorageTables>,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const newest = steps.at(-1)?.version ?? 0;
  const missing = (applied: readonly number[]) => steps.filter(({ version }) => !applied.includes(version));
  const told = await versionsWhereTold(db);
  if (told !== undefined && missing(told).length === 0 && Math.max(...told) === newest) return;
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(transaction);
    await sql`create table if not exists schema_version (version integer primary key, applied_at timestamptz not null default now())`.execute(
      transaction,
    );
    const applied = await appliedVersions(transaction);
    const version = Math.max(0, ...applied);
    if (version > newest) throw newerDatabase(version, newest);
    for (const step of missing(applied)) await apply(transaction, step);
  });
}

async function apply(transaction: Transaction<StorageTables>, step: Migration): Promise<void> {
  for (const statement of step.statements) await sql.raw(statement).execute(transaction);
  await sql`insert into schema_version (version) values (${step.version})`.execute(transaction);
}

async function versionsWhereTold(db: Kysely<StorageTables>): Promise<readonly number[] | undefined> {
  const { rows } = await sql<{ known: boolean }>`select to_regclass('schema_version') is not null as known`.execute(db);
  return rows[0]?.known === true ? appliedVersions(db) : undefined;
}

async function appliedVersions(db: Kysely<StorageTables>): Promise<readonly number[]> {
  const { rows } = await sql<{ version: number }>`select version from schema_version order by version`.execute(db);
  return rows.map(({ version }) => version);
}

function newerDatabase(version: number, newest: number): CountersignError {
  return new CountersignError('invalid-configuration', {
    message: `The database has schema version ${version}; this program knows ${newest}. Use the newer program, or another data folder.`,
  });
}
