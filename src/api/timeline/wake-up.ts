export interface WakeUp {
  wake(): void;
  /** True when woken, also by a call before this one; false after the time or when the signal aborts. */
  next(withinMs: number): Promise<boolean>;
  close(): void;
}

/** Holds one wake-up until somebody waits for it, so that none falls between a look and the wait after it. */
export function createWakeUp(signal: AbortSignal): WakeUp {
  let pending = false;
  let resume: (() => void) | undefined;
  const release = (): void => resume?.();
  signal.addEventListener('abort', release);
  return {
    wake() {
      pending = true;
      release();
    },
    async next(withinMs) {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs);
          resume = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        resume = undefined;
      }
      const woken = pending;
      pending = false;
      return woken;
    },
    close: () => signal.removeEventListener('abort', release),
  };
}
