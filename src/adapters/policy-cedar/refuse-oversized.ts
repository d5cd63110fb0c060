import type { JsonValue } from '../../domain/json.ts';
import { PolicyInputError } from './policy-input-error.ts';

export const maxRequestDepth = 32;
export const maxRequestValues = 10_000;
/** Of all text together, keys included. Half a megabyte would block the event loop for tens of milliseconds. */
export const maxRequestCharacters = 131_072;

/** Throws PolicyInputError before anything recursive or slow meets the request. Does not recurse itself. */
export function refuseOversized(request: JsonValue): void {
  const open: { readonly value: JsonValue; readonly depth: number }[] = [{ value: request, depth: 0 }];
  let values = 0;
  let characters = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    values += 1;
    if (values > maxRequestValues) throw new PolicyInputError('', `must hold at most ${maxRequestValues} values`);
    if (typeof next.value === 'string') characters += next.value.length;
    if (typeof next.value === 'object' && next.value !== null) {
      if (next.depth >= maxRequestDepth) throw new PolicyInputError('', `must not nest deeper than ${maxRequestDepth}`);
      for (const [key, value] of Object.entries(next.value)) {
        characters += key.length;
        open.push({ value, depth: next.depth + 1 });
      }
    }
    if (characters > maxRequestCharacters)
      throw new PolicyInputError('', `must hold at most ${maxRequestCharacters} characters`);
  }
}
