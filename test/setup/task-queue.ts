import { randomUUID } from 'node:crypto';

/** A task queue that no other test polls. */
export function uniqueTaskQueue(purpose: string): string {
  return `${purpose}-${randomUUID()}`;
}
