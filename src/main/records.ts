import { join } from 'node:path';
import { createFolderBlobs } from '../adapters/blobs-folder/create-folder-blobs.ts';
import { type FileKeys, openFileKeys } from '../adapters/keys-file/open-file-keys.ts';
import { createSqlStorage, type SqlStorage } from '../adapters/storage-sql/create-sql-storage.ts';
import { openEmbeddedDatabase } from '../adapters/storage-sql/open-embedded-database.ts';
import type { BlobStore } from '../ports/blob-store.port.ts';
import type { Durability } from '../ports/durability.ts';

/** What a deployment remembers: keys, SQL, blobs. Every role is composed over it. */
export interface Records {
  readonly keys: FileKeys;
  readonly storage: SqlStorage;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

export interface RecordsOptions {
  /** Where a prepared empty database is kept between installations. */
  readonly cacheFolder: string;
  readonly durability: Durability;
}

/** Opens the records of embedded mode in a data folder that the caller owns. */
export async function openEmbeddedRecords(folder: string, options: RecordsOptions): Promise<Records> {
  const keys = await openFileKeys(join(folder, 'keys'));
  const database = await openEmbeddedDatabase(join(folder, 'sql'), options);
  const storage = createSqlStorage({ db: database.db, keys });
  const blobs = createFolderBlobs({ folder: join(folder, 'blobs'), keys, durability: options.durability });
  return { keys, storage, blobs, close: () => database.close() };
}
