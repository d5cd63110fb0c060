import { CountersignError } from '../../domain/countersign-error.ts';

export interface StreamSlots {
  /** Takes a slot and returns what gives it back. Throws `rate-limited` when this identity has all of its slots. */
  take(identity: string): () => void;
}

const retryAfterMs = 5_000;

/** Bounds what one identity can hold open. */
export function createStreamSlots(perIdentity: number): StreamSlots {
  const open = new Map<string, number>();
  return {
    take(identity) {
      const held = open.get(identity) ?? 0;
      if (held >= perIdentity) throw new CountersignError('rate-limited', { retryAfterMs });
      open.set(identity, held + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (open.get(identity) ?? 1) - 1;
        if (left > 0) open.set(identity, left);
        else open.delete(identity);
      };
    },
  };
}
