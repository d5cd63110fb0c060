import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkpointIfDue } from '../../../src/adapters/storage-sql/checkpoints.ts';
import { createFromTemplate } from '../../../src/adapters/storage-sql/database-template.ts';
import { migrateDatabase, migrations } from '../../../src/adapters/storage-sql/migrate-database.ts';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../../src/adapters/storage-sql/open-embedded-database.ts';
import { cacheFolder } from './storage-fixture.ts';

let home: string;
const opened: EmbeddedDatabase[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-database-'));
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await rm(home, { recursive: true, force: true });
});

async function open(): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase(join(home, 'database'), { cacheFolder, durability: 'power' });
  opened.push(database);
  return database;
}

async function setting(database: EmbeddedDatabase, name: string): Promise<string | undefined> {
  const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(database.db);
  return rows[0]?.value;
}

describe('the embedded database', () => {
  test('syncs what it acknowledges', async () => {
    const database = await open();
    expect(await setting(database, 'fsync')).toBe('on');
    expect(await setting(database, 'synchronous_commit')).toBe('on');
    expect(await setting(database, 'full_page_writes')).toBe('on');
    expect(await setting(database, 'wal_sync_method')).toBe('fsync');
  });

  test('keeps its rows over closing and opening, and migrates once', async () => {
    const first = await open();
    await first.db
      .insertInto('run_usage')
      .values({ tenant: 't', run_id: 'r' })
      .execute()
      .catch(() => undefined);
    await sql`insert into sessions (id_hash, tenant, subject_mac, session_key_id, session, last_seen_at, expires_at) values ('a', 'default', 'mac', 'b', 'c', now(), now())`.execute(
      first.db,
    );
    await opened.pop()?.close();
    const second = await open();
    expect(await second.db.selectFrom('sessions').select('id_hash').execute()).toEqual([{ id_hash: 'a' }]);
    const { rows } = await sql`select version from schema_version`.execute(second.db);
    expect(rows).toEqual(migrations.map(({ version }) => ({ version })));
  });

  test('goes on after an error of a statement', async () => {
    const { db } = await open();
    for (let round = 0; round < 3; round += 1) {
      await expect(sql`select 1 / ${0}::integer as x`.execute(db)).rejects.toMatchObject({ code: '22012' });
      await expect(sql`select no_such_column`.execute(db)).rejects.toMatchObject({ code: '42703' });
      expect((await sql`select ${round}::integer as x`.execute(db)).rows).toEqual([{ x: round }]);
    }
  });

  test('writes a checkpoint once enough has been logged', async () => {
    const { db } = await open();
    const redo = async () =>
      (await sql<{ redo: string }>`select redo_lsn::text as redo from pg_control_checkpoint()`.execute(db)).rows[0]
        ?.redo;
    const before = await redo();
    await checkpointIfDue(db, 1024 * 1024 * 1024);
    expect(await redo()).toBe(before);
    await checkpointIfDue(db, 1);
    expect(await redo()).not.toBe(before);
  });
});

describe('migrations', () => {
  const newest = migrations.at(-1)?.version ?? 0;

  test('stand in the order of their versions, each version once', () => {
    const versions = migrations.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].toSorted((left, right) => left - right));
  });

  test('are applied once each, also one that arrives after a later one', async () => {
    const { db } = await open();
    const later = { version: newest + 2, statements: ['create table later_one (x integer)'] };
    const between = { version: newest + 1, statements: ['create table between_them (x integer)'] };
    await migrateDatabase(db, [...migrations, later]);
    await migrateDatabase(db, [...migrations, between, later]);
    await migrateDatabase(db, [...migrations, between, later]);
    const { rows } = await sql`select version from schema_version order by version`.execute(db);
    expect(rows.slice(-2)).toEqual([{ version: newest + 1 }, { version: newest + 2 }]);
  });

  test('a database of a newer version is refused', async () => {
    const { db } = await open();
    await sql`insert into schema_version (version) values (${newest + 1})`.execute(db);
    await expect(migrateDatabase(db)).rejects.toMatchObject({ code: 'invalid-configuration' });
    await opened.pop()?.close();
    await expect(open()).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  test('that fail half way change nothing', async () => {
    const { db } = await open();
    const broken = [
      ...migrations,
      { version: newest + 1, statements: ['create table half_done (x integer)', 'create nonsense'] },
    ];
    await expect(migrateDatabase(db, broken)).rejects.toMatchObject({ code: '42601' });
    expect((await sql`select to_regclass('half_done') as found`.execute(db)).rows).toEqual([{ found: null }]);
    await migrateDatabase(db);
  });
});

describe('the template', () => {
  test('creators at once end with one whole folder and no litter', async () => {
    const target = join(home, 'data', 'database');
    await Promise.all(Array.from({ length: 4 }, () => createFromTemplate(target, cacheFolder, 'power')));
    expect(await readdir(join(home, 'data'))).toEqual(['database']);
    expect((await stat(join(target, 'PG_VERSION'))).isFile()).toBe(true);
  });

  test('never touches a folder that is there', async () => {
    const database = await open();
    await sql`insert into sessions (id_hash, tenant, subject_mac, session_key_id, session, last_seen_at, expires_at) values ('a', 'default', 'mac', 'b', 'c', now(), now())`.execute(
      database.db,
    );
    await opened.pop()?.close();
    await createFromTemplate(join(home, 'database'), cacheFolder, 'process');
    expect(await (await open()).db.selectFrom('sessions').select('id_hash').execute()).toHaveLength(1);
  });
});
