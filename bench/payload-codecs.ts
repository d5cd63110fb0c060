import type { PayloadCodec } from '@temporalio/common';
import { createPayloadCodec } from '../src/adapters/codec-aes-gcm/create-payload-codec.ts';
import { openFileKeys } from '../src/adapters/keys-file/open-file-keys.ts';

/** The only tenant of an embedded installation. */
export const benchTenant = 'default';

/** The codec of both sides, with the same keys. */
export async function createBenchCodecs(keysFolder: string): Promise<readonly PayloadCodec[]> {
  return [createPayloadCodec({ keys: await openFileKeys(keysFolder), tenant: benchTenant })];
}
