import type { FetchLike } from '@modelcontextprotocol/client';
import { type CallTrace, currentCall } from './call-trace.ts';

/** Failures in which not one byte of the request reached the server; every other one may have been delivered. */
const notDelivered: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * fetch for MCP: no redirects, no unasked-for stream from the server, a bound on what an answer may weigh,
 * and a note in the call's trace of how far it came.
 */
export function createGuardedFetch(maxBytes: number): FetchLike {
  return async (url, init) => {
    // Servers push requests and notifications over this stream; the engine takes none of either.
    if (init?.method === 'GET' && !new Headers(init.headers).has('last-event-id'))
      return new Response(null, { status: 405 });
    const trace = currentCall.getStore();
    const response = await send(url, init, trace);
    if (trace) {
      trace.status = response.status;
      trace.retryAfter = response.headers.get('retry-after') ?? undefined;
    }
    return bounded(response, maxBytes, trace);
  };
}

async function send(url: string | URL, init: RequestInit | undefined, trace: CallTrace | undefined): Promise<Response> {
  // Set before the request leaves: whatever interrupts it from here on leaves the outcome open.
  if (trace) trace.delivery = 'sent';
  try {
    return await fetch(url, { ...init, redirect: 'manual' });
  } catch (error) {
    if (trace && trace.status === undefined && neverLeft(error)) trace.delivery = 'unsent';
    throw error;
  }
}

function neverLeft(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && notDelivered.has(error.code)) return true;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(neverLeft);
  return neverLeft(error.cause);
}

function bounded(response: Response, maxBytes: number, trace: CallTrace | undefined): Response {
  if (!response.body) return response;
  const announced = Number(response.headers.get('content-length') ?? Number.NaN);
  // The parser holds the body to its content-length; only a compressed body can grow beyond it.
  if (announced <= maxBytes && !response.headers.has('content-encoding')) return response;
  let seen = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen <= maxBytes) return controller.enqueue(chunk);
      if (trace) trace.overflow = true;
      const reason = new Error('the answer is over the limit');
      controller.error(reason);
      trace?.controller.abort(reason);
    },
  });
  return new Response(response.body.pipeThrough(counter), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}
