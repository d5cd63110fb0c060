import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../../../src/reviewed-files/parse-yaml.ts';

test.each([
  ['a repeated key', 'a: 1\na: 2\n'],
  ['a repeated key in JSON', '{"a": 1, "a": 2}'],
  ['an alias', 'a: &x 1\nb: *x\n'],
  ['an anchor', 'a: &x 1\n'],
  ['a tag', 'a: !!binary aGk=\n'],
  ['a key that is not text', '? [x]\n: 1\n'],
  ['an integer over 2^53', 'a: 12345678901234567890'],
  ['an infinite number', 'a: .inf'],
  ['two documents', '---\na: 1\n---\nb: 2\n'],
  ['no document', ''],
  ['a lone surrogate', '"\\ud83d"'],
  ['nesting over 32', `${'['.repeat(34)}${']'.repeat(34)}`],
  ['nesting that exhausts a stack', '['.repeat(100_000)],
  ['broken text', 'a: [1, 2'],
])('%s is refused', (_what, text) => {
  expect(parseYaml(text)).toHaveProperty('rules');
});

test('rules do not quote what stands in the file', () => {
  expect(JSON.stringify(parseYaml('token: s3cret\ntoken: s3cret\n'))).not.toContain('s3cret');
});

test('every JSON value is read as itself, or refused for a number over 2^53', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseYaml(text)).toEqual(
        holdsUnsafeInteger(value) ? { rules: [unsafeIntegerRule] } : { value: JSON.parse(text) },
      );
    }),
  );
});

const unsafeIntegerRule = expect.stringContaining('2^53');

function holdsUnsafeInteger(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsUnsafeInteger);
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
