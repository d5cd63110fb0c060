import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec, type PayloadCodecOptions } from './create-payload-codec.ts';

/** For `bundleWorkflowCode` too: a bundle made without it writes failures in plain text. */
export const failureConverterPath = fileURLToPath(
  new URL(`./failure-converter${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** What clients and workers are given: payloads sealed, and the texts of failures among them. */
export function createDataConverter(options: PayloadCodecOptions): DataConverter {
  return { payloadCodecs: [createPayloadCodec(options)], failureConverterPath };
}
