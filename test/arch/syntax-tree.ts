/** A node of the ESTree that oxc-parser builds, TypeScript’s nodes included. */
export interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Shows `look` every node of a tree, parents first. */
export function visit(value: unknown, look: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, look);
  } else if (isNode(value)) {
    look(value);
    for (const child of Object.values(value)) visit(child, look);
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
