import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { createCluster, startParams } from './create-cluster.ts';
import type { DeskDatabase, DeskSchema } from './desk-schema.ts';
import { lockDataFolder } from './lock-data-folder.ts';
import { seedDesk } from './seed-desk.ts';

/**
 * Opens `<dataFolder>/desk`, preparing it on first use. The data folder has one owner at a time:
 * PGlite has no lock of its own, and two processes on one folder lose acknowledged rows.
 */
export async function openDeskDatabase(dataFolder: string): Promise<DeskDatabase> {
  mkdirSync(dataFolder, { recursive: true });
  await lockDataFolder(dataFolder);
  const folder = join(dataFolder, 'desk');
  if (!existsSync(folder)) await prepareDesk(folder);
  return databaseOn(await PGlite.create(folder, { startParams: [...startParams] }));
}

/** A kill half-way leaves only a folder that is thrown away next time: under its own name the desk is there whole or not at all. */
async function prepareDesk(folder: string): Promise<void> {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const database = databaseOn(await createCluster(unfinished));
  await seedDesk(database);
  await database.destroy();
  renameSync(unfinished, folder);
}

function databaseOn(pglite: PGlite): DeskDatabase {
  return new Kysely<DeskSchema>({ dialect: new PGliteDialect({ pglite }) });
}
