import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { isJsonObject, type JsonValue } from '../../domain/json.ts';
import { cedarDecimal } from './cedar-decimal.ts';
import type { CedarType, RecordCedarType } from './cedar-type.ts';
import { PolicyInputError } from './policy-input-error.ts';

/**
 * A JSON value as the Cedar value that its type says, or PolicyInputError. Built from the type and never from
 * the value's own keys, so that no value can pose as an entity or an extension call.
 */
export function cedarValue(value: JsonValue | undefined, type: CedarType, path: string): CedarValueJson {
  switch (type.kind) {
    case 'String':
      return text(value, path);
    case 'JsonText':
      return jsonText(value, path);
    case 'Long':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return Object.is(value, -0) ? 0 : value;
      throw new PolicyInputError(path, 'must be an integer within 2^53');
    case 'Bool':
      if (typeof value === 'boolean') return value;
      throw new PolicyInputError(path, 'must be true or false');
    case 'decimal':
      return { __extn: { fn: 'decimal', arg: decimal(value, path) } };
    case 'Set':
      if (!Array.isArray(value)) throw new PolicyInputError(path, 'must be a list');
      return value.map((item: JsonValue, index) => cedarValue(item, type.element, `${path}/${index}`));
    case 'Record':
      return cedarRecord(value, type, path);
    default:
      return assertNever(type);
  }
}

/** Every attribute that the type requires, and none that it does not know. A null is an attribute that is not there. */
export function cedarRecord(
  value: JsonValue | undefined,
  type: RecordCedarType,
  path: string,
): Record<string, CedarValueJson> {
  if (!isJsonObject(value ?? null)) throw new PolicyInputError(path, 'must be an object');
  const given = new Map(Object.entries(value ?? {}));
  const converted: [string, CedarValueJson][] = [];
  for (const [name, attribute] of type.attributes) {
    const member: JsonValue | undefined = given.get(name) ?? undefined;
    given.delete(name);
    if (member !== undefined) converted.push([name, cedarValue(member, attribute.type, `${path}/${name}`)]);
    else if (attribute.required) throw new PolicyInputError(`${path}/${name}`, 'must be supplied');
  }
  // The name is not repeated: a model may have written it.
  if (given.size > 0) throw new PolicyInputError(path, 'must not have attributes that the schema does not know');
  return Object.fromEntries(converted);
}

function text(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string' && value.isWellFormed()) return value;
  throw new PolicyInputError(path, 'must be well-formed text');
}

function decimal(value: JsonValue | undefined, path: string): string {
  const exact = typeof value === 'number' ? cedarDecimal(value) : undefined;
  if (exact === undefined)
    throw new PolicyInputError(path, 'must be a number with at most four decimal places and 15 digits');
  return exact;
}

function jsonText(value: JsonValue | undefined, path: string): string {
  try {
    return canonicalJson(value ?? null);
  } catch {
    throw new PolicyInputError(path, 'must be JSON that has an exact canonical form');
  }
}
