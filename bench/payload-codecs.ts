import type { PayloadCodec } from '@temporalio/common';

/** The codec of both sides. */
export async function createBenchCodecs(): Promise<readonly PayloadCodec[]> {
  return [];
}
