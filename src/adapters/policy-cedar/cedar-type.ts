import { assertNever } from '../../domain/assert-never.ts';

/** The part of Cedar's types that a context or an entity of ours can have. */
export type CedarType =
  | { readonly kind: 'String' }
  /** Cedar sees a String: canonical JSON of a value whose shape the tool leaves open. */
  | { readonly kind: 'JsonText' }
  | { readonly kind: 'Long' }
  | { readonly kind: 'Bool' }
  | { readonly kind: 'decimal' }
  | { readonly kind: 'Set'; readonly element: CedarType }
  | RecordCedarType;

export interface RecordCedarType {
  readonly kind: 'Record';
  readonly attributes: ReadonlyMap<string, CedarAttribute>;
}

export interface CedarAttribute {
  readonly type: CedarType;
  readonly required: boolean;
}

/** The type as a schema file writes it. */
export function cedarTypeText(type: CedarType, indent: string): string {
  switch (type.kind) {
    case 'String':
    case 'JsonText':
    case 'Long':
    case 'Bool':
    case 'decimal':
      return type.kind;
    case 'Set':
      return `Set<${cedarTypeText(type.element, indent)}>`;
    case 'Record':
      return recordText(type, indent);
    default:
      return assertNever(type);
  }
}

function recordText(type: RecordCedarType, indent: string): string {
  if (type.attributes.size === 0) return '{}';
  const inner = `${indent}  `;
  const lines = [...type.attributes].map(
    ([name, attribute]) =>
      `${inner}${cedarName(name)}${attribute.required ? '' : '?'}: ${cedarTypeText(attribute.type, inner)},`,
  );
  return ['{', ...lines, `${indent}}`].join('\n');
}

/** A name in quotes wherever it is more than an identifier. */
export function cedarName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reservedWords.has(name) ? name : cedarString(name);
}

const reservedWords = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar']);

/** A Cedar string literal; its escapes are Rust's and not JSON's. */
export function cedarString(text: string): string {
  const escaped = Array.from(text, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    return /[\x20-\x7e]/.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${escaped.join('')}"`;
}
