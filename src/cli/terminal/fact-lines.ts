import type { Paint } from './paint.ts';
import { padded, textWidth } from './text-width.ts';

/** Names and values under each other. */
export function factLines(facts: readonly (readonly [string, string])[], paint: Paint): readonly string[] {
  const columns = Math.max(...facts.map(([name]) => textWidth(name)));
  return facts.map(([name, value]) => `  ${paint.faint(padded(name, columns))}  ${value}`);
}
