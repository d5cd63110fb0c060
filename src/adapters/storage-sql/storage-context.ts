import type { Kysely } from 'kysely';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { AppendNotices } from './append-notices.ts';
import type { StorageTables } from './tables.ts';

/** What every store of one database shares. */
export interface StorageContext {
  readonly db: Kysely<StorageTables>;
  readonly keys: KeyService;
  readonly notices: AppendNotices;
}
