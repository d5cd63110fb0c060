/**
 * What acknowledged writes survive. `process`: a kill of the process, as nothing stays in its memory.
 * `power`: a power cut as well, at the price of a sync to disk for each write.
 */
export const durabilities = ['process', 'power'] as const;
export type Durability = (typeof durabilities)[number];
