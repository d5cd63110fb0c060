import { preparsePolicySet, preparseSchema, type SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { digestOf, digestOfText } from '../../digest/digest.ts';
import { CountersignError } from '../../domain/countersign-error.ts';

/**
 * Cedar caches what it has parsed by id, for each thread and for ever. Ids here are digests of the content,
 * so two bundles share what they have in common; this counts who uses an id, and the last one out overwrites
 * it with nothing. Asking a retired id then denies.
 */
const users = new Map<string, number>();

export function preparePolicies(texts: Readonly<Record<string, string>>): string {
  const id = digestOf('policy', texts);
  return prepare(id, () => preparsePolicySet(id, { staticPolicies: texts }));
}

export function retirePolicies(id: string): void {
  retire(id, () => preparsePolicySet(id, { staticPolicies: {} }));
}

export function prepareSchema(schema: SchemaJson<string>): string {
  const id = `schema:${digestOfText('policy', JSON.stringify(schema))}`;
  return prepare(id, () => preparseSchema(id, schema));
}

export function retireSchema(id: string): void {
  retire(id, () => preparseSchema(id, ''));
}

function prepare(id: string, parse: () => { readonly type: 'success' | 'failure' }): string {
  const count = users.get(id) ?? 0;
  if (count === 0 && parse().type === 'failure') throw new CountersignError('policy-invalid');
  users.set(id, count + 1);
  return id;
}

function retire(id: string, empty: () => unknown): void {
  const count = users.get(id) ?? 0;
  if (count > 1) {
    users.set(id, count - 1);
    return;
  }
  users.delete(id);
  empty();
}
