import type { PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { isLoopback } from '../../domain/loopback.ts';

const maxBodyBytes = 8 * 1_024 * 1_024;
const base64 = z.base64().max(maxBodyBytes);

/** `temporal.api.common.v1.Payloads` as proto3 JSON: what the Temporal UI posts. */
const payloadsSchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string().max(128), base64).optional(), data: base64.optional() }))
    .max(1_000),
});

export interface CodecHandlerOptions {
  readonly codec: PayloadCodec;
  /** The Temporal UI's origin, exactly. */
  readonly allowedOrigin: string;
}

/**
 * The codec server that the Temporal UI asks: `POST /decode`, for one origin, on loopback names only.
 * Encoding is not offered: nobody needs to write payloads through a browser.
 */
export function createCodecHandler({
  codec,
  allowedOrigin,
}: CodecHandlerOptions): (request: Request) => Promise<Response> {
  const headers = {
    'access-control-allow-origin': allowedOrigin,
    'vary': 'Origin',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
  const refuse = (status: number) => new Response(null, { status, headers });

  return async (request) => {
    const url = new URL(request.url);
    // A page of another site may have its own name resolve to 127.0.0.1; the name stays in the request.
    if (!isLoopback(url.hostname)) return refuse(421);
    if (url.pathname !== '/decode') return refuse(404);
    if (request.headers.get('origin') !== allowedOrigin) return refuse(403);
    if (request.method === 'OPTIONS') {
      const preflight = {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, x-namespace',
      };
      return new Response(null, { status: 204, headers: { ...headers, ...preflight } });
    }
    if (request.method !== 'POST') return refuse(405);
    if (Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY) > maxBodyBytes) return refuse(413);
    const parsed = payloadsSchema.safeParse(await request.json().catch(() => undefined));
    if (!parsed.success) return refuse(400);
    return Response.json({ payloads: await decodeAll(codec, parsed.data) }, { headers });
  };
}

type WirePayloads = z.infer<typeof payloadsSchema>;

async function decodeAll(codec: PayloadCodec, { payloads }: WirePayloads): Promise<WirePayloads['payloads']> {
  const decoded = await codec.decode(
    payloads.map(({ metadata, data }) => ({
      metadata: mapValues(metadata ?? {}, (text) => Buffer.from(text, 'base64')),
      data: Buffer.from(data ?? '', 'base64'),
    })),
  );
  return decoded.map(({ metadata, data }) => ({
    metadata: mapValues(metadata ?? {}, (bytes) => Buffer.from(bytes).toString('base64')),
    data: Buffer.from(data ?? new Uint8Array()).toString('base64'),
  }));
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
