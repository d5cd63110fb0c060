import { CountersignError } from '../../domain/countersign-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { CedarAttribute, CedarType, RecordCedarType } from './cedar-type.ts';

const maxDepth = 8;

/** Cedar's JSON gives these keys a meaning of their own, so an argument of that name could pose as an entity. */
const refusedNames = new Set(['__entity', '__extn', '__expr', '__proto__']);

const openShape: CedarType = { kind: 'JsonText' };

/**
 * The arguments of a tool as a Cedar record: string→String, integer→Long, boolean→Bool, number→decimal,
 * object→Record, array→Set. What has no such shape (unions, references, free-form objects) becomes JsonText.
 * Throws `policy-invalid` for an argument that has a name which Cedar reserves.
 */
export function cedarTypeOfArguments(tool: string, inputSchema: JsonObject): RecordCedarType {
  return recordType(inputSchema, tool, 0);
}

function cedarTypeOf(schema: JsonValue | undefined, path: string, depth: number): CedarType {
  if (!isJsonObject(schema) || depth > maxDepth) return openShape;
  switch (typeName(schema)) {
    case 'string':
      return { kind: 'String' };
    case 'integer':
      return { kind: 'Long' };
    case 'boolean':
      return { kind: 'Bool' };
    case 'number':
      return { kind: 'decimal' };
    case 'array':
      return { kind: 'Set', element: cedarTypeOf(schema['items'], `${path}/items`, depth + 1) };
    case 'object':
      return isJsonObject(schema['properties']) ? recordType(schema, path, depth) : openShape;
    case undefined:
    default:
      return openShape;
  }
}

function recordType(schema: JsonObject, path: string, depth: number): RecordCedarType {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const attributes = Object.entries(properties).map(([name, property]): [string, CedarAttribute] => {
    const here = `${path}/${name}`;
    if (refusedNames.has(name))
      throw new CountersignError('policy-invalid', {
        fields: [{ path: here, rule: 'must not have a name that Cedar reserves' }],
      });
    const { present, nullable } = withoutNull(property);
    return [name, { type: cedarTypeOf(present, here, depth + 1), required: required.includes(name) && !nullable }];
  });
  return { kind: 'Record', attributes: new Map(attributes) };
}

/** Cedar has no null: `X or null` is an optional X, and the null is left out. */
function withoutNull(schema: JsonValue): { readonly present: JsonValue; readonly nullable: boolean } {
  if (!isJsonObject(schema)) return { present: schema, nullable: false };
  const types = schema['type'];
  if (Array.isArray(types) && types.includes('null')) {
    const others = types.filter((type) => type !== 'null');
    return {
      present: { ...schema, type: others.length === 1 && others[0] !== undefined ? others[0] : others },
      nullable: true,
    };
  }
  for (const union of [schema['anyOf'], schema['oneOf']]) {
    if (!Array.isArray(union)) continue;
    const others = union.filter((member) => !(isJsonObject(member) && member['type'] === 'null'));
    if (others.length < union.length) return { present: others.length === 1 ? (others[0] ?? {}) : {}, nullable: true };
  }
  return { present: schema, nullable: false };
}

function typeName(schema: JsonObject): string | undefined {
  if ('anyOf' in schema || 'oneOf' in schema || '$ref' in schema) return undefined;
  if (typeof schema['type'] === 'string') return schema['type'];
  if (Array.isArray(schema['type'])) return undefined;
  const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size !== 1) return undefined;
  return kinds.has('string') ? 'string' : kinds.has('boolean') ? 'boolean' : undefined;
}
