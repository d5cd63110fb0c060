import type { Relation } from '../../contracts/tool-server.schema.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import { parseRetryClass } from '../../domain/effect.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { CatalogueTool } from '../../ports/catalogue.port.ts';
import { fileProblem } from '../../reviewed-files/source-files.ts';
import type { ServerFile } from './parse-servers.ts';

const maxOfferedName = 64;

/** What no single file can tell: names that must exist in another place, and stay apart when a model is offered them. */
export function checkTools(servers: readonly ServerFile[], problems: FieldError[]): void {
  const offered = new Map<string, string>();
  for (const { file, manifest, tools } of servers) {
    const byName = new Map(tools.map((tool) => [tool.announced.name, tool]));
    for (const tool of tools) {
      const name = tool.announced.name;
      const report = (path: string, rule: string) => problems.push(fileProblem(file, `tools/${name}${path}`, rule));
      checkOfferedName(`${manifest.name}__${name}`, tool.name, offered, report);
      checkArguments(tool, report);
      checkCompanions(tool, byName, report);
      for (const [relation, definition] of Object.entries(tool.manifest.relations)) {
        checkRelation(tool, definition, byName, (path, rule) => report(`/relations/${relation}${path}`, rule));
      }
    }
  }
}

type Report = (path: string, rule: string) => void;

function checkOfferedName(offeredName: string, name: string, offered: Map<string, string>, report: Report): void {
  if (offeredName.length > maxOfferedName)
    report('', `must be at most ${maxOfferedName} characters as \`server__tool\``);
  const other = offered.get(offeredName);
  if (other !== undefined) report('', `must not read like ${other} as \`server__tool\``);
  offered.set(offeredName, name);
}

function checkArguments(tool: CatalogueTool, report: Report): void {
  const announced = propertiesOf(tool.announced.inputSchema);
  for (const argument of Object.keys(tool.manifest.args)) {
    if (!Object.hasOwn(announced, argument)) report(`/args/${argument}`, 'must be an argument that the tool announces');
  }
}

function checkCompanions(tool: CatalogueTool, siblings: ReadonlyMap<string, CatalogueTool>, report: Report): void {
  const retry = parseRetryClass(tool.manifest.retry);
  if (retry.kind === 'probe') {
    if (siblings.get(retry.tool)?.manifest.effect !== 'read') report('/retry', 'must name a read tool of this server');
  }
  for (const role of ['compensate', 'dryRun'] as const) {
    const name = tool.manifest[role];
    if (name !== undefined && !siblings.has(name)) report(`/${role}`, 'must name a tool of this server');
  }
}

function checkRelation(
  tool: CatalogueTool,
  relation: Relation,
  siblings: ReadonlyMap<string, CatalogueTool>,
  report: Report,
): void {
  const own = propertiesOf(tool.announced.inputSchema);
  for (const [part, mapping] of [
    ['key', relation.key],
    ['equal', relation.equal],
  ] as const) {
    for (const [field, argument] of Object.entries(mapping)) {
      if (!Object.hasOwn(own, argument)) report(`/${part}/${field}`, 'must name an argument of this tool');
    }
  }
  const lookup = siblings.get(relation.from);
  if (lookup === undefined || !lookup.manifest.record || lookup.manifest.effect !== 'read') {
    report('/from', 'must name a read tool of this server with `record: true`');
    return;
  }
  checkLookup(relation, lookup, report);
}

function checkLookup(relation: Relation, lookup: CatalogueTool, report: Report): void {
  const accepted = propertiesOf(lookup.announced.inputSchema);
  for (const argument of Object.keys(relation.key)) {
    if (!Object.hasOwn(accepted, argument)) report(`/key/${argument}`, 'must be an argument of the lookup');
  }
  for (const argument of requiredOf(lookup.announced.inputSchema)) {
    if (!Object.hasOwn(relation.key, argument)) report('/key', `must give the lookup its argument \`${argument}\``);
  }
  const fields = [...Object.keys(relation.equal), ...Object.keys(relation.is)];
  if (fields.length === 0) report('', 'must compare something: `equal` or `is`');
  const answered =
    lookup.announced.outputSchema === undefined ? undefined : propertiesOf(lookup.announced.outputSchema);
  for (const field of fields) {
    if (answered !== undefined && !Object.hasOwn(answered, field.split('.', 1)[0] ?? '')) {
      report('', `\`${field.slice(0, 64)}\` must be a field that the lookup answers with`);
    }
  }
}

function propertiesOf(schema: JsonObject): JsonObject {
  const properties = schema['properties'];
  return isJsonObject(properties) ? properties : {};
}

function requiredOf(schema: JsonObject): string[] {
  const required = schema['required'];
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}
