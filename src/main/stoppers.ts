/** What was started, stopped in the opposite order; one that fails does not keep the others from stopping. */
export interface Stoppers {
  add(stop: () => Promise<void>): void;
  /** The first failure is thrown once everything else was stopped. A second call waits for the first. */
  stopAll(): Promise<void>;
}

export function createStoppers(): Stoppers {
  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;

  const stopEach = async () => {
    const failures: unknown[] = [];
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      await stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };

  return {
    add: (stop) => void stops.push(stop),
    stopAll: () => {
      stopping ??= stopEach();
      return stopping;
    },
  };
}

/** All of them, or the first failure once every one has ended: what succeeds beside it has registered its stop by then. */
export async function allSucceed<const Parts extends readonly Promise<unknown>[]>(
  parts: Parts,
): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}
