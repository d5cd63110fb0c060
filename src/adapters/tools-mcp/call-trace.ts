import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What the transport saw of one `tools/call`. The error that the SDK throws says what went wrong;
 * this says how far the request had come, which is what decides whether the effect may have happened.
 */
export interface CallTrace {
  /** Aborting it ends the call and closes its socket. */
  readonly controller: AbortController;
  /** `unsent`: no byte of the request left, so the tool certainly did not run. */
  delivery: 'unsent' | 'sent';
  /** HTTP status of the answer, where there was one. */
  status: number | undefined;
  /** `Retry-After`, where the server sent one with an error status. */
  retryAfter: string | undefined;
  /** True once the answer went over the wire limit. */
  overflow: boolean;
}

export function openTrace(): CallTrace {
  return {
    controller: new AbortController(),
    delivery: 'unsent',
    status: undefined,
    retryAfter: undefined,
    overflow: false,
  };
}

/** Carries the trace through the SDK to the one request that belongs to it. Connecting happens outside of it. */
export const currentCall = new AsyncLocalStorage<CallTrace>();
