import type { TimelineItem } from '../contracts/http/timeline.schema.ts';
import { CountersignApiError } from './api-error.ts';
import { readEventStream } from './event-stream.ts';
import type { CallOptions, HttpCaller } from './http-caller.ts';

export interface FollowOptions extends CallOptions {
  /** Position of the last event that was seen; 0 from the beginning. */
  readonly after?: number;
}

const firstDelayMs = 250;
const maxDelayMs = 10_000;

/**
 * A run's events, each once and in order, from a position to the run's end.
 * A lost connection is taken up again after the last event seen; what cannot pass is thrown.
 */
export async function* followRun(
  call: HttpCaller,
  runId: string,
  { after = 0, signal }: FollowOptions,
): AsyncGenerator<TimelineItem> {
  let position = after;
  let delayMs = firstDelayMs;
  for (;;) {
    try {
      for await (const item of connection(call, runId, position, signal)) {
        position = item.position;
        delayMs = firstDelayMs;
        yield item;
        if (item.event === 'run-closed') return;
      }
    } catch (error) {
      if (error instanceof RunIsOver) return;
      signal?.throwIfAborted();
      if (error instanceof CountersignApiError && !error.isPassing) throw error;
      if (error instanceof CountersignApiError) delayMs = Math.max(delayMs, error.retryAfterMs ?? 0);
    }
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }
}

/** The server has nothing after this position and never will. */
class RunIsOver extends Error {}

async function* connection(
  call: HttpCaller,
  runId: string,
  position: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<TimelineItem> {
  const response = await call({
    method: 'GET',
    path: `/v1/runs/${encodeURIComponent(runId)}/events`,
    headers: { accept: 'text/event-stream', ...(position > 0 && { 'last-event-id': String(position) }) },
    ...(signal && { signal }),
  });
  if (response.status === 204 || response.body === null) throw new RunIsOver();
  for await (const event of readEventStream(response.body)) {
    const item: TimelineItem = JSON.parse(event.data);
    if (item.position > position) yield item;
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
