import type { JsonValue } from '../../domain/json.ts';

/** Values that were written or read last; they never change, so nothing ever has to be thrown out but for room. */
export interface BlobCache {
  get(name: string): JsonValue | undefined;
  /** `size` in bytes of canonical JSON. */
  set(name: string, value: JsonValue, size: number): void;
}

export function createBlobCache(capacityBytes: number): BlobCache {
  const entries = new Map<string, { readonly value: JsonValue; readonly size: number }>();
  let total = 0;

  const drop = (name: string) => {
    total -= entries.get(name)?.size ?? 0;
    entries.delete(name);
  };

  return {
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      entries.delete(name);
      entries.set(name, entry);
      return entry.value;
    },
    set(name, value, size) {
      drop(name);
      if (size > capacityBytes) return;
      entries.set(name, { value, size });
      total += size;
      for (const oldest of entries.keys()) {
        if (total <= capacityBytes) return;
        drop(oldest);
      }
    },
  };
}
