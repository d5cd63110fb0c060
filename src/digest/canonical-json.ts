import canonicalize from 'canonicalize';
import { CountersignError } from '../domain/countersign-error.ts';
import type { JsonValue } from '../domain/json.ts';

/** Nesting beyond this is refused everywhere, so that no parser or renderer behind it can be driven into the ground. */
export const maxJsonDepth = 32;

/**
 * RFC 8785 canonical JSON: equal text if and only if equal values.
 * Refuses what JSON cannot carry exactly: non-finite numbers, integers beyond 2^53, lone surrogates, depth over 32,
 * and the name `__proto__`, which parsers and validators drop or keep as they please: what is hashed must be what is read.
 * Throws `invalid-request` with the path of the offending value.
 */
export function canonicalJson(value: JsonValue): string {
  refuseInexact(value, '', 0);
  const text = canonicalize(value);
  if (text === undefined) throw inexact('', 'must be a JSON value');
  return text;
}

function refuseInexact(value: JsonValue, path: string, depth: number): void {
  if (depth > maxJsonDepth) throw inexact(path, `must not nest deeper than ${maxJsonDepth}`);
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw inexact(path, 'must be well-formed Unicode');
      return;
    case 'number':
      if (!Number.isFinite(value)) throw inexact(path, 'must be a finite number');
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw inexact(path, 'must be within 2^53');
      return;
    case 'boolean':
      return;
    case 'object': {
      if (value === null) return;
      const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
      for (const [key, item] of entries) {
        if (key === '__proto__') throw inexact(path, 'must not hold the name __proto__');
        if (typeof key === 'string') refuseInexact(key, path, depth);
        refuseInexact(item, path === '' ? String(key) : `${path}/${key}`, depth + 1);
      }
      return;
    }
    default:
      throw inexact(path, 'must be a JSON value');
  }
}

function inexact(path: string, rule: string): CountersignError {
  return new CountersignError('invalid-request', { message: `${path || 'value'} ${rule}`, fields: [{ path, rule }] });
}
