import { CountersignError } from '../../domain/countersign-error.ts';

/** Reads JSON's tokens one after the other; every method moves on or throws `invalid-request`. */
export interface Scanner {
  peek(): string | undefined;
  atEnd(): boolean;
  skipSpace(): void;
  /** Moves over the character if it is next. */
  take(character: string): boolean;
  expect(character: string, path: string): void;
  string(path: string): string;
  number(path: string): number;
  word<Value>(word: string, value: Value, path: string): Value;
  refusal(path: string, rule: string): CountersignError;
}

const spaces = /[ \t\n\r]*/y;
const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/**
 * Quotes included; what stands between them is judged by JSON.parse. There is one way only to read each character:
 * with two, a text without its closing quote is read in all of them, one after the other.
 */
const stringForm = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;

export function createScanner(text: string): Scanner {
  let at = 0;
  const refusal = (path: string, rule: string): CountersignError =>
    new CountersignError('invalid-request', { fields: [{ path: path.slice(0, 256), rule }] });
  const match = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const take = (character: string): boolean => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  return {
    peek: () => text[at],
    atEnd: () => at >= text.length,
    skipSpace: () => void match(spaces),
    take,
    expect(character, path) {
      if (!take(character)) throw refusal(path, `must be JSON: expected ${character} at character ${at}`);
    },
    string(path) {
      const start = at;
      const value = unquoted(match(stringForm));
      if (value === undefined) throw refusal(path, `must be JSON: expected a string at character ${start}`);
      if (!value.isWellFormed()) throw refusal(path, 'must be well-formed Unicode');
      return value;
    },
    number(path) {
      const token = match(numberForm);
      if (token === undefined) throw refusal(path, `must be JSON: expected a value at character ${at}`);
      const value = Number(token);
      if (!Number.isFinite(value)) throw refusal(path, 'must be a finite number');
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw refusal(path, 'must be within 2^53');
      return value;
    },
    word(word, value, path) {
      if (!text.startsWith(word, at)) throw refusal(path, `must be JSON: expected a value at character ${at}`);
      at += word.length;
      return value;
    },
    refusal,
  };
}

function unquoted(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  try {
    return String(JSON.parse(token));
  } catch {
    return undefined;
  }
}
