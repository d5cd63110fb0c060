import { join } from 'node:path';
import type { BlobStore } from '../ports/blob-store.port.ts';
import { createFolderBlobs } from '../adapters/blobs-folder/create-folder-blobs.ts';
import { type FileKeys, openFileKeys } from '../adapters/keys-file/open-file-keys.ts';
import { createSqlStorage, type SqlStorage } from '../adapters/storage-sql/create-sql-storage.ts';
import { openEmbeddedDatabase } from '../adapters/storage-sql/open-embedded-database.ts';

/** What a deployment remembers: keys, SQL, blobs. Every role is composed over it. */
export interface Records {
  readonly keys: FileKeys;
  readonly storage: SqlStorage;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/** Opens the records of embedded mode in a data folder that the caller owns. */
export async function openEmbeddedRecords(folder: string): Promise<Records> {
  const keys = await openFileKeys(join(folder, 'keys'));
  const database = await openEmbeddedDatabase(join(folder, 'sql'));
  const storage = await createSqlStorage({ db: database.db, keys });
  const blobs = createFolderBlobs({ folder: join(folder, 'blobs'), keys });
  return { keys, storage, blobs, close: () => database.close() };
}
