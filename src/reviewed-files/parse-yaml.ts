import { type Document, isAlias, isNode, isPair, parseAllDocuments, visit } from 'yaml';
import { maxJsonDepth } from '../digest/canonical-json.ts';
import type { JsonValue } from '../domain/json.ts';

const maxRules = 10;

export type ParsedYaml = { readonly value: JsonValue } | { readonly rules: readonly string[] };

/**
 * One YAML 1.2 document (so JSON too) as plain JSON data. Refused: duplicate keys, aliases, anchors, tags,
 * keys that are not text, numbers that JSON cannot carry, more than one document, nesting over 32.
 * Rules name lines and never quote the text, which may hold what does not belong into a log.
 */
export function parseYaml(text: string): ParsedYaml {
  try {
    const documents = parseAllDocuments(text, { stringKeys: true, resolveKnownTags: false, logLevel: 'silent' });
    const [document] = documents;
    if (document === undefined || documents.length !== 1) return { rules: ['must be exactly one document'] };
    const rules = [...new Set([...syntaxRules(document), ...shapeRules(document)])].slice(0, maxRules);
    return rules.length > 0 ? { rules } : { value: document.toJS({ maxAliasCount: 0 }) };
  } catch {
    // Nesting deep enough to exhaust the parser's stack ends here.
    return { rules: ['must be YAML that can be parsed'] };
  }
}

function syntaxRules(document: Document): string[] {
  return [...document.errors, ...document.warnings].map(({ code, linePos }) => {
    const what =
      code === 'DUPLICATE_KEY'
        ? 'must not repeat a key'
        : `must be valid YAML (${code.toLowerCase().replaceAll('_', '-')})`;
    return linePos === undefined ? what : `${what} at line ${linePos[0].line}`;
  });
}

function shapeRules(document: Document): string[] {
  const rules = new Set<string>();
  visit(document, (_key, node, ancestors) => {
    if (ancestors.filter((ancestor) => !isPair(ancestor)).length > maxJsonDepth + 1) {
      rules.add(`must not nest deeper than ${maxJsonDepth}`);
      return visit.BREAK;
    }
    if (isAlias(node)) rules.add('must not use aliases');
    else if (isNode(node)) {
      if ('anchor' in node && node.anchor !== undefined) rules.add('must not use anchors');
      if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) rules.add('must not use tags');
      if ('value' in node && !isPlainScalar(node.value))
        rules.add('must hold only well-formed text, booleans, null and numbers within 2^53');
    }
    return undefined;
  });
  return [...rules];
}

function isPlainScalar(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (typeof value === 'string') return value.isWellFormed();
  return value === null || typeof value === 'boolean';
}
