import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, maxJsonDepth } from '../../../src/digest/canonical-json.ts';
import { digestOf, digestOfText } from '../../../src/digest/digest.ts';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
);
const text = fc.string({ unit: 'binary' });
/** Without the one that is refused. */
const name = text.filter((value) => value !== '__proto__');
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** The same value with every object's names in another order. */
function reordered(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reordered(item)]),
  );
}

/** −0 and 0 are one JSON number. */
const sameJson = (left: JsonValue, right: JsonValue) => JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));

function sorted(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return ['object', ...entries.map(([name, item]) => [name, sorted(item)])];
}

describe('canonical JSON', () => {
  test('is the same text for the same value, in whatever order its names were written', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('is another text for another value', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        expect(canonicalJson(left) === canonicalJson(right)).toBe(sameJson(left, right));
      }),
    );
  });

  test('reads back as the value that was written', () => {
    fc.assert(
      fc.property(json, (value) => {
        const again = JSON.parse(canonicalJson(value)) as JsonValue;
        expect(sameJson(again, value)).toBe(true);
        expect(canonicalJson(again)).toBe(canonicalJson(value));
      }),
    );
  });

  test('refuses what JSON cannot carry exactly, wherever it stands', () => {
    const inexact = fc.constantFrom<JsonValue>(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      -(2 ** 60),
      '\ud800',
      'a\udc00b',
      JSON.parse('{"__proto__":1}') as JsonValue,
    );
    const around = fc.constantFrom<(value: JsonValue) => JsonValue>(
      (value) => value,
      (value) => [1, value],
      (value) => ({ a: { b: value } }),
      (value) => (typeof value === 'string' ? { [value]: 1 } : [value]),
    );
    fc.assert(
      fc.property(inexact, around, (value, wrap) => {
        expect(() => canonicalJson(wrap(value))).toThrow(expect.objectContaining({ code: 'invalid-request' }));
      }),
    );
  });

  test('refuses what nests deeper than the limit, and takes what does not', () => {
    const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(canonicalJson(nested(maxJsonDepth))).toBe(`${'['.repeat(maxJsonDepth)}1${']'.repeat(maxJsonDepth)}`);
    expect(() => canonicalJson(nested(maxJsonDepth + 1))).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('the digest of an action', () => {
  const envelope: JsonObject = {
    v: 1,
    tenant: 'default',
    agent: 'invoice-desk',
    agentVersion: 3,
    runId: 'run-1',
    callId: 't1.0',
    kind: 'tool-call',
    tool: 'desk.pay',
    args: { iban: 'DE89370400440532013000', amount: 12.5, note: 'May', lines: [1, 2] },
    onBehalfOf: 'anna',
    expiresAt: '2026-03-01T10:00:00.000Z',
    nonce: 'AAAA',
  };

  test('changes with every character that changes', () => {
    const canonical = canonicalJson(envelope);
    const place = fc.nat({ max: canonical.length - 1 });
    fc.assert(
      fc.property(place, fc.constantFrom('0', 'x', '"', ' '), (at, character) => {
        const changed = canonical.slice(0, at) + character + canonical.slice(at + 1);
        fc.pre(changed !== canonical);
        expect(digestOfText('action', changed)).not.toBe(digestOf('action', envelope));
      }),
    );
  });

  test('changes with every field, and with a field more or less', () => {
    const digest = digestOf('action', envelope);
    for (const name of Object.keys(envelope)) {
      const { [name]: _, ...rest } = envelope;
      expect(digestOf('action', rest)).not.toBe(digest);
      expect(digestOf('action', { ...envelope, [name]: [envelope[name] ?? null] })).not.toBe(digest);
    }
    expect(digestOf('action', { ...envelope, extra: null })).not.toBe(digest);
  });

  test('of one kind never passes for another', () => {
    expect(digestOf('render', envelope)).not.toBe(digestOf('action', envelope));
  });
});
