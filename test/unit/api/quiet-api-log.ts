import type { ApiLog } from '../../../src/api/log.ts';

/** Keeps the names of what was logged. */
export function quietApiLog(): ApiLog & { readonly events: string[] } {
  const events: string[] = [];
  return { events, info: (event) => void events.push(event), error: (event) => void events.push(event) };
}
