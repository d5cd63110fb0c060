import type { EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { ParsedPolicy } from './parse-policies.ts';
import { preparePolicies, prepareSchema, retirePolicies, retireSchema } from './prepared-sets.ts';
import type { ActionShape } from './read-cedar-schema.ts';

/** What can say anything about one action, prepared. */
export interface PolicySlice {
  readonly all: string;
  /** The same without the forbids that may be lifted by people; `all` again where there are none. */
  readonly withoutAsks: string;
  readonly schema: string;
}

export function slicePolicies(policies: readonly ParsedPolicy[], action: string, shape: ActionShape): PolicySlice {
  const relevant = policies.filter((policy) => mayApply(policy.action, action, shape.groups));
  const unconditional = relevant.filter((policy) => policy.ask === undefined);
  return {
    all: preparePolicies(textsById(relevant)),
    withoutAsks: preparePolicies(textsById(unconditional)),
    schema: prepareSchema(shape.schema),
  };
}

export function retireSlice(slice: PolicySlice): void {
  retirePolicies(slice.all);
  retirePolicies(slice.withoutAsks);
  retireSchema(slice.schema);
}

function mayApply(constraint: ParsedPolicy['action'], action: string, groups: ReadonlySet<string>): boolean {
  if (constraint.op === 'All') return true;
  const named =
    'entities' in constraint ? constraint.entities : 'entity' in constraint ? [constraint.entity] : undefined;
  // A form that is not known here stays in: a policy too many costs time, one too few could be a forbid.
  return (
    named === undefined || named.map(idOf).some((id) => id === action || (constraint.op === 'in' && groups.has(id)))
  );
}

function idOf(entity: EntityUidJson): string {
  return '__entity' in entity ? entity.__entity.id : entity.id;
}

function textsById(policies: readonly ParsedPolicy[]): Record<string, string> {
  return Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
}
