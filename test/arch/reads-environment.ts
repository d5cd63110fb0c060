import { parseSync } from 'oxc-parser';
import { isNode, type SyntaxNode, visit } from './syntax-tree.ts';

/** True if the code can get at `process.env`, by whatever spelling. */
export function readsEnvironment(path: string, text: string): boolean {
  let reads = false;
  visit(parseSync(path, text).program, (node) => {
    reads ||= isMember(node) || isDestructured(node) || isImported(node);
  });
  return reads;
}

function isMember(node: SyntaxNode): boolean {
  return node.type === 'MemberExpression' && isProcess(node['object']) && nameOf(node['property']) === 'env';
}

function isDestructured(node: SyntaxNode): boolean {
  if (node.type !== 'VariableDeclarator' || !isProcess(node['init'])) return false;
  let takesEnv = false;
  visit(node['id'], (part) => {
    takesEnv ||= part.type === 'Property' && nameOf(part['key']) === 'env';
  });
  return takesEnv;
}

function isImported(node: SyntaxNode): boolean {
  if (node.type !== 'ImportDeclaration' || !/^(?:node:)?process$/.test(nameOf(node['source']) ?? '')) return false;
  let takesEnv = false;
  visit(node['specifiers'], (part) => {
    takesEnv ||= part.type === 'ImportSpecifier' && nameOf(part['imported']) === 'env';
  });
  return takesEnv;
}

function isProcess(value: unknown): boolean {
  if (!isNode(value)) return false;
  return nameOf(value) === 'process' || (value.type === 'MemberExpression' && nameOf(value['property']) === 'process');
}

function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return String(value['name']);
  return value.type === 'Literal' ? String(value['value']) : undefined;
}
