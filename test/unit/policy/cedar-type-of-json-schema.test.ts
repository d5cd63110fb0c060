import { checkParseSchema } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cedarTypeText } from '../../../src/adapters/policy-cedar/cedar-type.ts';
import { cedarTypeOfArguments } from '../../../src/adapters/policy-cedar/cedar-type-of-json-schema.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const typeOf = (property: JsonObject, required: readonly string[] = ['x']): string =>
  cedarTypeText(
    cedarTypeOfArguments('desk.tool', { type: 'object', properties: { x: property }, required }),
    '',
  ).replaceAll(/\s+/g, ' ');

test.each<[string, JsonObject]>([
  ['x: String', { type: 'string' }],
  ['x: Long', { type: 'integer' }],
  ['x: Bool', { type: 'boolean' }],
  ['x: decimal', { type: 'number' }],
  ['x: String', { enum: ['a', 'b'] }],
  ['x: String', { const: 'a' }],
  ['x: JsonText', { enum: ['a', 1] }],
  ['x: Set<Long>', { type: 'array', items: { type: 'integer' } }],
  ['x: Set<JsonText>', { type: 'array' }],
  ['x: { y?: Bool, }', { type: 'object', properties: { y: { type: 'boolean' } } }],
  ['x: JsonText', { type: 'object' }],
  ['x: JsonText', { $ref: '#/$defs/x' }],
  ['x: JsonText', { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
  ['x: JsonText', { type: ['string', 'integer'] }],
  ['x?: String', { type: ['string', 'null'] }],
  ['x?: decimal', { anyOf: [{ type: 'number' }, { type: 'null' }] }],
  ['x: JsonText', {}],
])('is %s', (expected, property) => {
  expect(typeOf(property)).toBe(`{ ${expected}, }`);
});

test('an argument that is not required is an optional attribute', () => {
  expect(typeOf({ type: 'string' }, [])).toBe('{ x?: String, }');
});

test.each(['__entity', '__extn', '__expr'])('an argument named %s is refused', (name) => {
  const refuse = () =>
    cedarTypeOfArguments('desk.tool', { type: 'object', properties: { [name]: { type: 'string' } } });
  expect(refuse).toThrow(CountersignError);
});

test('whatever an argument is called, the schema still parses', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name.isWellFormed() && !name.startsWith('__')),
      (name) => {
        const args = cedarTypeText(
          cedarTypeOfArguments('desk.tool', { properties: { [name]: { type: 'string' } } }),
          '  ',
        );
        const schema = `entity Agent; action pay appliesTo { principal: [Agent], resource: [Agent], context: { args: ${args} } };`;
        expect(checkParseSchema(schema)).toEqual({ type: 'success' });
      },
    ),
  );
});
