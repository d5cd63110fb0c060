import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { currentCall } from './call-trace.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

type Send = StreamableHTTPClientTransport['send'];

/**
 * The SDK's HTTP transport, with two gaps closed: a stream that ends without an answer ends the call at once
 * (else it would wait for its time-out), and aborting a call closes its socket in every protocol version.
 */
export class TracedHttpTransport extends StreamableHTTPClientTransport {
  constructor(url: URL, maxBytes: number) {
    super(url, {
      fetch: createGuardedFetch(maxBytes),
      requestInit: { redirect: 'manual' },
      reconnectionOptions: {
        initialReconnectionDelay: 50,
        maxReconnectionDelay: 500,
        reconnectionDelayGrowFactor: 3,
        maxRetries: 3,
      },
    });
  }

  override send(...[message, options]: Parameters<Send>): ReturnType<Send> {
    const trace = currentCall.getStore();
    if (!trace || Array.isArray(message) || !('method' in message) || message.method !== 'tools/call') {
      return super.send(message, options);
    }
    const inherited = options?.requestSignal;
    return super.send(message, {
      ...options,
      requestSignal: inherited ? AbortSignal.any([inherited, trace.controller.signal]) : trace.controller.signal,
      onRequestStreamEnd: () => trace.controller.abort(new Error('the stream ended without an answer')),
    });
  }
}
