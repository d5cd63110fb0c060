import { digestOf } from '../../src/digest/digest.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { BlobStore } from '../../src/ports/blob-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';

export function memoryBlobs(): BlobStore {
  const values = new Map<string, JsonValue>();
  return {
    async put(tenant, kind, value) {
      const ref = `blob:${digestOf('content', [tenant, kind, value]).slice(7)}`;
      values.set(ref, value);
      return parseBlobRef(ref);
    },
    async get(_tenant, _kind, ref) {
      const value = values.get(ref);
      if (value === undefined) throw new CountersignError('blob-missing');
      return value;
    },
  };
}
