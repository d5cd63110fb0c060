import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { Kysely, PGliteDialect } from 'kysely';
import type { Durability } from '../../ports/durability.ts';
import { keepCheckpointing } from './checkpoints.ts';
import { createFromTemplate } from './database-template.ts';
import { DurableNodeFs } from './durable-node-fs.ts';
import { migrateDatabase } from './migrate-database.ts';
import { preparedPGlite } from './prepared-pglite.ts';
import type { StorageTables } from './tables.ts';

export interface EmbeddedDatabase {
  readonly db: Kysely<StorageTables>;
  /** Waits for the statements under way, writes a checkpoint, and lets go of the folder. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly durability: Durability;
  /** Where the template of a new database is kept between installations. */
  readonly cacheFolder: string;
}

/** PGlite's own defaults turn fsync off (`-F`) and reserve memory for a server; the rest of them stays. */
function startParameters(durability: Durability): string[] {
  const frugal = ['shared_buffers=16MB', 'wal_buffers=1MB', 'max_connections=5'];
  const settings = durability === 'power' ? [...frugal, 'fsync=on', 'wal_sync_method=fsync'] : frugal;
  const defaults = PGlite.defaultStartParams.filter((parameter) => durability === 'process' || parameter !== '-F');
  return [...defaults, ...settings.flatMap((setting) => ['-c', setting])];
}

function fileSystem(folder: string, durability: Durability): NodeFS {
  return durability === 'power' ? new DurableNodeFs(folder) : new NodeFS(folder);
}

/**
 * Opens a PGlite database in a folder, made on the first open, and migrates it.
 * What was acknowledged survives a kill of the process, and a loss of power where `durability` says so.
 * The caller owns the folder exclusively: PGlite has no lock, and a second process would destroy it.
 */
export async function openEmbeddedDatabase(folder: string, options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  await createFromTemplate(folder, options.cacheFolder, options.durability);
  const pglite = await PGlite.create({
    fs: fileSystem(folder, options.durability),
    startParams: startParameters(options.durability),
  });
  const db = new Kysely<StorageTables>({ dialect: new PGliteDialect({ pglite: preparedPGlite(pglite) }) });
  try {
    await migrateDatabase(db);
  } catch (error) {
    await pglite.close();
    throw error;
  }
  const checkpoints = keepCheckpointing(db);
  return {
    db,
    async close() {
      await checkpoints.stop();
      await db.destroy();
    },
  };
}
