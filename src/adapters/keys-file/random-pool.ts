import { randomFillSync } from 'node:crypto';

const poolBytes = 4_096;

/** Random bytes, each handed out once. Asking the system for twelve at a time costs as much as sealing with them. */
export function createRandomPool(): (count: number) => Uint8Array {
  const pool = new Uint8Array(poolBytes);
  let used = pool.length;

  return (count) => {
    if (count > pool.length) throw new RangeError(`a pool holds ${pool.length} bytes`);
    if (used + count > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += count;
    return pool.slice(used - count, used);
  };
}
