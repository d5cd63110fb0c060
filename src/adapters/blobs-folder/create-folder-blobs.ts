import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { parseTenantId } from '../../domain/ids.ts';
import type { JsonValue } from '../../domain/json.ts';
import { type BlobKind, type BlobRef, type BlobStore, parseBlobRef } from '../../ports/blob-store.port.ts';
import type { Durability } from '../../ports/durability.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { createBlobCache } from './blob-cache.ts';
import { readSealedFile, writeSealedFile } from './sealed-file.ts';

/** Canonical JSON beyond this is refused with `payload-too-large`. */
export const maxBlobBytes = 8 * 1_024 * 1_024;

const defaultCacheBytes = 32 * 1_024 * 1_024;

export interface FolderBlobsOptions {
  readonly folder: string;
  readonly keys: KeyService;
  readonly durability: Durability;
  /** Canonical JSON that is kept in memory, in bytes. */
  readonly cacheBytes?: number;
}

/**
 * Sealed files under `<folder>/<tenant>/<2 hex>/`. The reference commits to tenant, kind and content, so a file is
 * never changed, writing the same again changes nothing, and reading verifies what it read.
 */
export function createFolderBlobs({
  folder,
  keys,
  durability,
  cacheBytes = defaultCacheBytes,
}: FolderBlobsOptions): BlobStore {
  const cache = createBlobCache(cacheBytes);

  return {
    async put(tenant, kind, value) {
      const bytes = Buffer.from(canonicalJson(value), 'utf8');
      if (bytes.length > maxBlobBytes) throw new CountersignError('payload-too-large');
      const ref = await refOf(keys, tenant, kind, bytes);
      const place = placeOf(folder, tenant, kind, ref);
      if (cache.get(place.name) !== undefined) return ref;
      if (!existsSync(place.file) || (await readVerified(keys, tenant, kind, ref, place)) === undefined) {
        await writeSealedFile(place.file, await keys.seal(tenant, place.context, bytes), durability);
      }
      cache.set(place.name, value, bytes.length);
      return ref;
    },

    async get(tenant, kind, ref) {
      const place = placeOf(folder, tenant, kind, ref);
      const cached = cache.get(place.name);
      if (cached !== undefined) return cached;
      const bytes = await readVerified(keys, tenant, kind, ref, place);
      if (bytes === undefined) throw new CountersignError('blob-missing');
      // Verified: these are the bytes that `put` wrote.
      const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue;
      cache.set(place.name, value, bytes.length);
      return value;
    },
  };
}

interface Place {
  readonly file: string;
  readonly context: string;
  /** In the cache. */
  readonly name: string;
}

/** Tenant and reference become parts of a path, so their forms are checked here whoever calls. */
function placeOf(folder: string, tenant: string, kind: BlobKind, ref: BlobRef): Place {
  const digits = parseBlobRef(ref).slice('blob:'.length);
  return {
    file: join(folder, parseTenantId(tenant), digits.slice(0, 2), digits),
    context: `blob/${kind}/${ref}`,
    name: `${tenant}/${kind}/${ref}`,
  };
}

async function refOf(keys: KeyService, tenant: string, kind: BlobKind, bytes: Uint8Array): Promise<BlobRef> {
  const mac = await keys.mac(tenant, 'content', Buffer.concat([Buffer.from(`${kind}\0`), bytes]));
  return parseBlobRef(`blob:${mac}`);
}

/** Undefined where the file is missing, was changed, or is another blob's. */
async function readVerified(
  keys: KeyService,
  tenant: string,
  kind: BlobKind,
  ref: BlobRef,
  place: Place,
): Promise<Uint8Array | undefined> {
  const sealed = await readSealedFile(place.file);
  const bytes = sealed && (await keys.open(tenant, place.context, sealed));
  if (bytes === undefined || (await refOf(keys, tenant, kind, bytes)) !== ref) return undefined;
  return bytes;
}
