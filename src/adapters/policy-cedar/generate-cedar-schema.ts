import type { EffectClass } from '../../contracts/tool-server.schema.ts';
import type { Catalogue, CatalogueTool } from '../../ports/catalogue.port.ts';
import { type CedarAttribute, type CedarType, cedarString, cedarTypeText } from './cedar-type.ts';
import { cedarTypeOfArguments } from './cedar-type-of-json-schema.ts';

const groupOfEffect = {
  read: 'ReadTools',
  write: 'WriteTools',
  irreversible: 'IrreversibleTools',
} as const satisfies Record<EffectClass, string>;

const frame = `// Generated from the catalogue: \`countersign policy check\` proves that it still is.

/// Canonical JSON of a value whose shape the tool leaves open.
type JsonText = String;
/// Of this tool, in the sealed mandate and the ledger.
type MandateFacts = { maxCalls: Long, callsLeft: Long };
/// Model calls and effects of this run so far.
type RunFacts = { steps: Long, toolCalls: Long };
/// From verified verdicts that are bound to exactly this action.
type ApprovalFacts = { granted: Bool, approvers: Set<String> };
/// Who asked for the run; kind is person or service.
type Initiator = { id: String, kind: String };

entity Group;
entity Agent = { version: Long, owner: String, tenant: String };
entity User in [Group] = { tenant: String, roles: Set<String>, acr: String };
entity Service in [Group] = { tenant: String, roles: Set<String>, acr: String };
entity Tool = { server: String, effect: String };
entity Model;
entity Channel = { tenant: String };
entity AgentDefinition = { version: Long, owner: String, tenant: String };

action ReadTools;
action WriteTools;
action IrreversibleTools;

/// Somebody asks to start a run; taskAuthority is principal or data, now in seconds since 1970.
action "start-run" appliesTo {
  principal: [User, Service],
  resource: [AgentDefinition],
  context: { taskAuthority: String, now: Long },
};

/// The run's last message leaves through its channel.
action answer appliesTo {
  principal: [Agent],
  resource: [Channel],
  context: {
    args: { text: String, characters: Long },
    run: RunFacts,
    approval: ApprovalFacts,
    initiator: Initiator,
    now: Long,
    onBehalfOf: String,
    risk: String,
  },
};
`;

/**
 * The Cedar schema of everything in the catalogue: one action a tool, typed by its reviewed announcement,
 * its facts by the relations in its manifest. The same catalogue always gives the same text.
 */
export function generateCedarSchema(catalogue: Catalogue): string {
  const tools = catalogue
    .servers()
    .flatMap((server) => Object.keys(server.tools).map((name) => catalogue.tool(`${server.name}.${name}`)))
    .filter((tool) => tool !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [frame, ...tools.map(toolAction)].join('\n');
}

function toolAction(tool: CatalogueTool): string {
  const args = cedarTypeText(cedarTypeOfArguments(tool.name, tool.announced.inputSchema), '    ');
  return `action ${cedarString(tool.name.replace('.', '__'))} in [${groupOfEffect[tool.manifest.effect]}] appliesTo {
  principal: [Agent],
  resource: [Tool],
  context: {
    args: ${args},
    facts: ${cedarTypeText(factsType(tool), '    ')},
    mandate: MandateFacts,
    run: RunFacts,
    approval: ApprovalFacts,
    initiator: Initiator,
    now: Long,
    onBehalfOf: String,
    risk: String,
  },
};
`;
}

function factsType(tool: CatalogueTool): CedarType {
  const relations = Object.keys(tool.manifest.relations).toSorted();
  return {
    kind: 'Record',
    attributes: new Map(
      relations.map((name): [string, CedarAttribute] => [name, { type: { kind: 'Bool' }, required: true }]),
    ),
  };
}
