import type { EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { PolicyRequest } from '../../ports/policy.port.ts';
import { cedarRecord } from './cedar-value.ts';
import { PolicyInputError } from './policy-input-error.ts';
import type { EntityShape, SchemaShape } from './read-cedar-schema.ts';
import { refuseOversized } from './refuse-oversized.ts';

export type CedarCall = Omit<StatefulAuthorizationCall, 'preparsedPolicySetId' | 'preparsedSchemaName'>;

const maxIdCharacters = 512;

/** A request in Cedar's own JSON, every value by the schema's type. Throws PolicyInputError. */
export function cedarCall(request: PolicyRequest, schema: SchemaShape): CedarCall {
  const { principal, action, resource, context } = request;
  refuseOversized([principal.id, resource.id, principal.attributes, resource.attributes, context]);
  const shape = schema.actions.get(action);
  if (shape === undefined) throw new PolicyInputError('action', 'must be in the schema');
  if (!shape.principals.has(principal.type))
    throw new PolicyInputError('principal', 'must be of a type that may take this action');
  if (!shape.resources.has(resource.type))
    throw new PolicyInputError('resource', 'must be of a type that this action applies to');
  const entities = [
    cedarEntity(principal, schema.entities.get(principal.type), 'principal'),
    cedarEntity(resource, schema.entities.get(resource.type), 'resource'),
  ];
  return {
    principal: { type: principal.type, id: principal.id },
    action: { type: 'Action', id: action },
    resource: { type: resource.type, id: resource.id },
    context: cedarRecord(context, shape.context, 'context'),
    entities,
    validateRequest: true,
  };
}

function cedarEntity(
  entity: PolicyRequest['principal'] | PolicyRequest['resource'],
  shape: EntityShape | undefined,
  path: string,
): EntityJson {
  if (shape === undefined) throw new PolicyInputError(path, 'must be of a type in the schema');
  if (entity.id === '' || entity.id.length > maxIdCharacters || !entity.id.isWellFormed())
    throw new PolicyInputError(`${path}/id`, 'must be an id');
  const { own, parents } = shape.grouped
    ? liftGroups(entity.attributes, path)
    : { own: entity.attributes, parents: [] };
  return {
    uid: { type: entity.type, id: entity.id },
    attrs: cedarRecord(own, shape.attributes, `${path}/attributes`),
    parents,
  };
}

/** AuthZEN has no word for membership, Cedar has: the attribute `groups` becomes parents. */
function liftGroups(
  { groups, ...own }: JsonObject,
  path: string,
): { readonly own: JsonObject; readonly parents: EntityJson['parents'] } {
  if (!Array.isArray(groups)) throw new PolicyInputError(`${path}/attributes/groups`, 'must be a list of names');
  const parents = groups.map((group: JsonValue) => {
    if (typeof group !== 'string' || !group.isWellFormed())
      throw new PolicyInputError(`${path}/attributes/groups`, 'must be a list of names');
    return { type: 'Group', id: group };
  });
  return { own, parents };
}
