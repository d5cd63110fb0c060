import { setTimeout as pause } from 'node:timers/promises';

/** Looks until it sees something; fails with the last look after ten seconds. */
export async function eventually<Seen>(
  look: () => Promise<Seen | undefined>,
  what: string,
  withinMs = 10_000,
): Promise<Seen> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(50);
  }
  throw new Error(`never seen: ${what}`);
}
