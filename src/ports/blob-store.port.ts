import type { JsonValue } from '../domain/json.ts';

/** `blob:` and the HMAC of tenant, kind and content: the same content has the same reference, and nobody can guess it. */
export type BlobRef = `blob:${string}`;

export type BlobKind =
  | 'task'
  | 'transcript'
  | 'envelope'
  | 'sheet'
  | 'edit'
  | 'result'
  | 'turn'
  | 'answer'
  | 'mandate'
  | 'steering';

/** Content by reference, encrypted before it is stored. */
export interface BlobStore {
  /** Durable when it resolves. */
  put(tenant: string, kind: BlobKind, value: JsonValue): Promise<BlobRef>;
  /** Fails with `blob-missing` when it is not there or does not verify against its reference. */
  get(tenant: string, kind: BlobKind, ref: BlobRef): Promise<JsonValue>;
}

export function parseBlobRef(text: string): BlobRef {
  if (!/^blob:[0-9a-f]{64}$/.test(text)) throw new RangeError('not a blob reference');
  return text as BlobRef;
}
