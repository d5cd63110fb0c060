/** Work under one name is done one after the other, in this process. */
export interface Turns {
  /** Fails with the signal's reason when it was aborted while others were at work. */
  take<Result>(name: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const ends = new Map<string, Promise<void>>();

  return {
    async take(name, signal, work) {
      const before = ends.get(name) ?? Promise.resolve();
      const own = Promise.withResolvers<void>();
      const end = before.then(() => own.promise);
      ends.set(name, end);
      try {
        await before;
        signal.throwIfAborted();
        return await work();
      } finally {
        own.resolve();
        if (ends.get(name) === end) ends.delete(name);
      }
    },
  };
}
