import { type SchemaJson, schemaToJsonWithResolvedTypes, type Type } from '@cedar-policy/cedar-wasm/nodejs';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { CedarAttribute, CedarType, RecordCedarType } from './cedar-type.ts';

/** What the schema in force says about one action: who may ask it of what, and every attribute that must come with it. */
export interface ActionShape {
  readonly principals: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly context: RecordCedarType;
  /** Action groups, the ones above them included. */
  readonly groups: ReadonlySet<string>;
  /** The schema with no other action: Cedar goes through all of them at each call. */
  readonly schema: SchemaJson<string>;
}

export interface EntityShape {
  readonly attributes: RecordCedarType;
  /** True where entities of this type may be in a `Group`. */
  readonly grouped: boolean;
}

export interface SchemaShape {
  readonly actions: ReadonlyMap<string, ActionShape>;
  readonly entities: ReadonlyMap<string, EntityShape>;
}

type Namespace = SchemaJson<string>[string];

/** Reads a schema text that uses no namespaces. Throws `policy-invalid`. */
export function readCedarSchema(text: string): SchemaShape {
  const answer = schemaToJsonWithResolvedTypes(text);
  if (answer.type === 'failure') throw invalidSchema(answer.errors[0]?.message ?? 'must be a Cedar schema');
  const namespace = answer.json[''];
  if (namespace === undefined || Object.keys(answer.json).length !== 1)
    throw invalidSchema('must declare everything outside of namespaces');
  const actions = Object.entries(namespace.actions).filter(
    ([, action]) => (action.appliesTo?.principalTypes.length ?? 0) > 0,
  );
  return {
    actions: new Map(actions.map(([name]) => [name, actionShape(name, namespace)])),
    entities: new Map(Object.keys(namespace.entityTypes).map((name) => [name, entityShape(name, namespace)])),
  };
}

function actionShape(name: string, namespace: Namespace): ActionShape {
  const applies = namespace.actions[name]?.appliesTo;
  const groups = groupsAbove(name, namespace);
  const kept = Object.entries(namespace.actions).filter(([action]) => action === name || groups.has(action));
  return {
    principals: new Set(applies?.principalTypes),
    resources: new Set(applies?.resourceTypes),
    context: recordOf(applies?.context, namespace),
    groups,
    schema: { '': { ...namespace, actions: Object.fromEntries(kept) } },
  };
}

function groupsAbove(name: string, namespace: Namespace): ReadonlySet<string> {
  const groups = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { id } of namespace.actions[next]?.memberOf ?? []) {
      if (!groups.has(id)) open.push(id);
      groups.add(id);
    }
  }
  return groups;
}

function entityShape(name: string, namespace: Namespace): EntityShape {
  const entity = namespace.entityTypes[name];
  if (entity === undefined || 'enum' in entity) return { attributes: recordOf(undefined, namespace), grouped: false };
  return { attributes: recordOf(entity.shape, namespace), grouped: entity.memberOfTypes?.includes('Group') ?? false };
}

function recordOf(type: Type<string> | undefined, namespace: Namespace): RecordCedarType {
  if (type === undefined) return { kind: 'Record', attributes: new Map() };
  const read = cedarType(type, namespace);
  if (read.kind !== 'Record') throw invalidSchema('must give contexts and entities a record of attributes');
  return read;
}

function cedarType(type: Type<string>, namespace: Namespace): CedarType {
  switch (type.type) {
    case 'String':
    case 'Long':
    case 'JsonText':
    case 'decimal':
      return { kind: type.type };
    case 'Bool':
    case 'Boolean':
      return { kind: 'Bool' };
    case 'Set':
      if (!('element' in type)) throw invalidSchema('must say what a Set holds');
      return { kind: 'Set', element: cedarType(type.element, namespace) };
    case 'Record':
      if (!('attributes' in type)) throw invalidSchema('must say what a Record holds');
      return {
        kind: 'Record',
        attributes: new Map(
          Object.entries(type.attributes).map(([name, member]) => [name, attributeOf(member, namespace)]),
        ),
      };
    default: {
      const common = namespace.commonTypes?.[type.type];
      if (common === undefined) throw invalidSchema(`must not use the type ${type.type}`);
      return cedarType(common, namespace);
    }
  }
}

function attributeOf(member: Type<string> & { readonly required?: boolean }, namespace: Namespace): CedarAttribute {
  return { type: cedarType(member, namespace), required: member.required ?? true };
}

function invalidSchema(rule: string): CountersignError {
  return new CountersignError('policy-invalid', { fields: [{ path: 'schema.cedarschema', rule }] });
}
