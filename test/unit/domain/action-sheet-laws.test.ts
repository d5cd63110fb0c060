import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sheetRows } from '../../../src/domain/action-sheet.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/domain/json.ts';

/** Names that could be taken for a path, beside any other. */
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'a.b', 'a["b"]', '["b"]', '', '__proto__', 'ä'),
  fc.string({ maxLength: 6 }),
);
const json = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string(), { maxLength: 3 })),
    tie('object'),
  ),
}));

/** Values below objects, lists as a whole; an empty object is a leaf as well. */
function leavesOf(value: JsonValue): readonly JsonValue[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [value];
  return Object.values(value).flatMap(leavesOf);
}

function inOtherOrder(object: JsonObject): JsonObject {
  const entries = Object.entries(object).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, isJsonObject(item) ? inOtherOrder(item) : item]));
}

describe('the rows of any arguments', () => {
  test('hold every leaf exactly once, unshortened', () => {
    fc.assert(
      fc.property(json.object, (args) => {
        const leaves = Object.values(args).flatMap(leavesOf);
        const shown = sheetRows(args, {}).map((row) => row.json);
        expect(shown.toSorted()).toEqual(leaves.map((leaf) => JSON.stringify(leaf)).toSorted());
      }),
    );
  });

  test('are the same when the arguments come back from storage, in whatever order they were written', () => {
    fc.assert(
      fc.property(json.object, (args) => {
        expect(sheetRows(inOtherOrder(args), { b: 'route' })).toEqual(sheetRows(args, { b: 'route' }));
      }),
    );
  });

  test('have a path of their own each', () => {
    const twins = { a: { b: { c: 1 } }, 'a.b': { c: 2 }, 'a.b.c': 3, 'a["b"]': 4 };
    expect(new Set(sheetRows(twins, {}).map((row) => row.path)).size).toBe(4);
    fc.assert(
      fc.property(json.object, (args) => {
        const paths = sheetRows(args, {}).map((row) => row.path);
        expect(new Set(paths).size).toBe(paths.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('have the role of the argument that they are of', () => {
    fc.assert(
      fc.property(json.value, (value) => {
        const rows = sheetRows({ to: value }, { to: 'route', subject: 'payload' });
        expect(new Set(rows.map(({ role }) => role))).toEqual(new Set(['route']));
      }),
    );
  });
});
