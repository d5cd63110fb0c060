import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import type { DeskDatabase, DeskSchema } from './desk-schema.ts';
import { lockDataFolder } from './lock-data-folder.ts';
import { seedDesk } from './seed-desk.ts';

/**
 * Opens `<dataFolder>/desk`, seeding it on first use. The folder has one owner at a time:
 * PGlite has no lock of its own, and two processes on one folder lose acknowledged rows.
 */
export async function openDeskDatabase(dataFolder: string): Promise<DeskDatabase> {
  const folder = join(dataFolder, 'desk');
  mkdirSync(folder, { recursive: true });
  await lockDataFolder(folder);
  const pglite = await PGlite.create(folder);
  const database = new Kysely<DeskSchema>({ dialect: new PGliteDialect({ pglite }) });
  await seedDesk(database);
  return database;
}
