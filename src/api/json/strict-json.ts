import type { JsonValue } from '../../domain/json.ts';
import { createScanner, type Scanner } from './json-scanner.ts';

/** Nesting of a body; what is deeper is refused before anything is built from it. */
export const maxBodyDepth = 32;

/**
 * RFC 8259 without what readers disagree about: a name twice in one object, `__proto__`, numbers that a double
 * cannot hold exactly enough to compare (non-finite, integers over 2^53), lone surrogates, nesting over 32.
 * Throws `invalid-request` with the path and the rule of the first offence.
 */
export function parseStrictJson(text: string): JsonValue {
  const scanner = createScanner(text);
  const value = parseValue(scanner, '', 0);
  scanner.skipSpace();
  if (!scanner.atEnd()) throw scanner.refusal('', 'must hold one JSON value and nothing after it');
  return value;
}

function parseValue(scanner: Scanner, path: string, depth: number): JsonValue {
  if (depth > maxBodyDepth) throw scanner.refusal(path, `must not nest deeper than ${maxBodyDepth}`);
  scanner.skipSpace();
  switch (scanner.peek()) {
    case '{':
      return parseObject(scanner, path, depth);
    case '[':
      return parseList(scanner, path, depth);
    case '"':
      return scanner.string(path);
    case 't':
      return scanner.word('true', true, path);
    case 'f':
      return scanner.word('false', false, path);
    case 'n':
      return scanner.word('null', null, path);
    default:
      return scanner.number(path);
  }
}

function parseObject(scanner: Scanner, path: string, depth: number): JsonValue {
  const members = new Map<string, JsonValue>();
  scanner.expect('{', path);
  scanner.skipSpace();
  if (scanner.take('}')) return {};
  do {
    scanner.skipSpace();
    const name = scanner.string(path);
    const memberPath = path === '' ? name : `${path}/${name}`;
    if (name === '__proto__') throw scanner.refusal(memberPath, 'must not be named __proto__');
    if (members.has(name)) throw scanner.refusal(memberPath, 'must not appear twice');
    scanner.skipSpace();
    scanner.expect(':', memberPath);
    members.set(name, parseValue(scanner, memberPath, depth + 1));
    scanner.skipSpace();
  } while (scanner.take(','));
  scanner.expect('}', path);
  return Object.fromEntries(members);
}

function parseList(scanner: Scanner, path: string, depth: number): JsonValue {
  const items: JsonValue[] = [];
  scanner.expect('[', path);
  scanner.skipSpace();
  if (scanner.take(']')) return items;
  do {
    items.push(parseValue(scanner, path === '' ? String(items.length) : `${path}/${items.length}`, depth + 1));
    scanner.skipSpace();
  } while (scanner.take(','));
  scanner.expect(']', path);
  return items;
}
