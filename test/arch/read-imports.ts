import { parseSync } from 'oxc-parser';
import { isNode, type SyntaxNode, visit } from './syntax-tree.ts';

/** One edge of the import graph as it stands in a file. */
export interface Import {
  /** As written; undefined where it is computed, so that nobody can tell what is imported. */
  readonly specifier: string | undefined;
  readonly typeOnly: boolean;
}

/**
 * Every way in which a file can reach another module: import and export declarations, `import()` of values and in
 * types, `import x = require()`, and the calls `require`, `createRequire`, `import.meta.resolve`, which have no place here.
 *
 * @throws Error if the file does not parse: what cannot be read cannot be let through
 */
export function readImports(path: string, text: string): Import[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found: Import[] = [];
  visit(program, (node) => {
    const edge = edgeOf(node);
    if (edge !== undefined) found.push(edge);
  });
  return found;
}

function edgeOf(node: SyntaxNode): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: literal(node['source']), typeOnly: node['importKind'] === 'type' };
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      if (!isNode(node['source'])) return undefined;
      return { specifier: literal(node['source']), typeOnly: node['exportKind'] === 'type' };
    case 'ImportExpression':
      return { specifier: literal(node['source']), typeOnly: false };
    case 'TSImportType':
      return { specifier: literal(node['source'] ?? node['argument']), typeOnly: true };
    case 'TSExternalModuleReference':
      return { specifier: literal(node['expression']), typeOnly: false };
    case 'CallExpression':
      return callEdge(node);
    default:
      return undefined;
  }
}

function callEdge(node: SyntaxNode): Import | undefined {
  if (!loadsModules(node['callee'])) return undefined;
  const [argument] = Array.isArray(node['arguments']) ? node['arguments'] : [];
  return { specifier: literal(argument), typeOnly: false };
}

function loadsModules(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return callee['name'] === 'require' || callee['name'] === 'createRequire';
  return callee.type === 'MemberExpression' && isNode(callee['object']) && callee['object'].type === 'MetaProperty';
}

/** A literal's text; also of a type's `import('…')`, whose argument is a literal type. */
function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'TSLiteralType') return literal(value['literal']);
  return value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;
}
