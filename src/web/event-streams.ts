import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { createStreamSlots } from '../api/edge/stream-slots.ts';
import type { Principal } from '../api/principal.ts';
import { CountersignError } from '../domain/countersign-error.ts';

/** Streams of one person's open tabs; further ones show what they showed when they were opened. */
const streamsOfOnePerson = 32;
/** Then the browser connects again, and its session is asked for again. */
const streamMs = 5 * 60_000;

export interface EventStreams {
  /** Answers with server-sent events until `tell` ends, the reader goes, or the time is up. */
  open(
    context: Context,
    principal: Principal,
    tell: (stream: SSEStreamingApi, signal: AbortSignal) => Promise<void>,
  ): Response | Promise<Response>;
}

export function createEventStreams(): EventStreams {
  const slots = createStreamSlots(streamsOfOnePerson);
  return {
    open(context, { identity }, tell) {
      // Nobody would read the stream, so it would never end.
      if (context.req.method === 'HEAD') return context.body(null, 200);
      const release = slots.take(`${identity.tenant}/${identity.subject}`);
      context.header('X-Accel-Buffering', 'no');
      return streamSSE(context, async (stream) => {
        const gone = new AbortController();
        const timer = setTimeout(() => gone.abort(), streamMs);
        stream.onAbort(() => gone.abort());
        try {
          await stream.write('retry: 1000\n\n');
          await tell(stream, gone.signal);
        } finally {
          clearTimeout(timer);
          release();
        }
      });
    },
  };
}

/** Where the reader goes on: after what it has seen, or after what its page showed. Undefined: it says neither. */
export function resumeAfter(context: Context): number | undefined {
  const given = context.req.header('last-event-id') || context.req.query('since');
  if (given === undefined || given === '') return undefined;
  if (!/^[0-9]{1,15}$/.test(given)) throw new CountersignError('invalid-request');
  return Number(given);
}
