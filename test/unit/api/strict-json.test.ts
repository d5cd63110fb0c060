import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxBodyDepth, parseStrictJson } from '../../../src/api/json/strict-json.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';

function refusalOf(text: string): { readonly path: string; readonly rule: string } | undefined {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof CountersignError && error.code === 'invalid-request') return error.fields[0];
    throw error;
  }
  return undefined;
}

const doubles = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n));
const names = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__');
const exactJson = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('list'), tie('object')),
  leaf: fc.oneof(fc.string({ unit: 'grapheme' }), doubles, fc.boolean(), fc.constant(null)),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
})).value;

describe('strict JSON', () => {
  test('a text without its end is refused in a time that grows with its length only', () => {
    const started = performance.now();
    for (const filler of ['a', '\\\\', '\\"', '[', '{"a":', '1', ' ', '""'])
      for (const length of [64, 250_000]) expect(refusalOf(`{"task":"${filler.repeat(length)}`)).toBeDefined();
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('whatever JSON can carry exactly is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(exactJson, fc.constantFrom(0, 1, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('what JSON.parse refuses is refused, whatever the text', () => {
    const noise = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '0', '.', 'e', 'true', 'null', ' ', '\\'),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          noise.map((parts) => parts.join('')),
        ),
        (text) => {
          let readable = true;
          try {
            JSON.parse(text);
          } catch {
            readable = false;
          }
          if (!readable) expect(refusalOf(text)).toBeDefined();
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a name that appears twice is refused at its path, at any depth and however it is escaped', () => {
    expect(refusalOf('{"a":1,"a":1}')).toEqual({ path: 'a', rule: 'must not appear twice' });
    expect(refusalOf('{"x":[{"b":1},{"b":1,"\\u0062":2}]}')).toEqual({ path: 'x/1/b', rule: 'must not appear twice' });
  });

  test('a name twice is refused wherever it is put in', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.integer(), { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
        fc.nat(),
        (object, pick) => {
          const members = Object.entries(object).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
          const twice = members[pick % members.length] ?? '';
          expect(refusalOf(`{${[...members, twice].join(',')}}`)?.rule).toBe('must not appear twice');
        },
      ),
    );
  });

  test.each([
    ['9007199254740993', 'must be within 2^53'],
    ['1e400', 'must be a finite number'],
    ['"\\ud800"', 'must be well-formed Unicode'],
    ['{"__proto__":{}}', 'must not be named __proto__'],
    ['1 2', 'must hold one JSON value and nothing after it'],
  ])('%s is refused: %s', (text, rule) => {
    expect(refusalOf(text)?.rule).toBe(rule);
  });

  test('nesting is read up to the limit and refused one level deeper', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(refusalOf(nested(maxBodyDepth))).toBeUndefined();
    expect(refusalOf(nested(maxBodyDepth + 2))?.rule).toBe(`must not nest deeper than ${maxBodyDepth}`);
    expect(refusalOf('['.repeat(100_000))?.rule).toBe(`must not nest deeper than ${maxBodyDepth}`);
  });
});
