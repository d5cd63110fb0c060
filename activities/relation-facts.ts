import type { RunKey } from '../src/contracts/run-activities.ts';
import type { Relation } from '../src/contracts/tool-server.schema.ts';
import { newNonce } from '../src/digest/nonce.ts';
import { traceParent } from '../src/digest/trace-parent.ts';
import type { RecordFacts, SheetRecord } from '../src/domain/action-sheet.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { durationMs } from '../src/domain/duration.ts';
import { parseRunId, parseTenantId, workflowIdOf } from '../src/domain/ids.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../src/domain/json.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import type { DecisionDeps } from './activity-deps.ts';

/**
 * What the operator's own records say about an action: one truth value per relation of the tool, and the fields that
 * approvers are shown. The engine asks; neither the model nor the workflow is heard. A record that is not there makes
 * its relation false; records that cannot be read fail with `facts-unavailable`, which is retried and never an allow.
 */
export async function relationFacts(
  deps: Pick<DecisionDeps, 'catalogue' | 'tools'>,
  run: RunKey,
  tool: CatalogueTool,
  args: JsonObject,
  signal: AbortSignal,
): Promise<RecordFacts> {
  const relations = Object.entries(tool.manifest.relations);
  const found = await Promise.all(
    relations.map(async ([name, relation]) => {
      const record = await recordFor(deps, run, tool, relation, args, signal);
      return { name, relation, record };
    }),
  );
  return {
    facts: Object.fromEntries(
      found.map(({ name, relation, record }) => [name, record !== undefined && agrees(record, relation, args)]),
    ),
    records: found.flatMap(({ relation, record }) => (record === undefined ? [] : shownFields(record, relation))),
  };
}

async function recordFor(
  deps: Pick<DecisionDeps, 'catalogue' | 'tools'>,
  run: RunKey,
  tool: CatalogueTool,
  relation: Relation,
  args: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const source = deps.catalogue.tool(`${tool.server}.${relation.from}`);
  if (source === undefined || !source.manifest.record || source.manifest.effect !== 'read') return undefined;
  const key: [string, JsonValue][] = [];
  for (const [lookupArgument, ownArgument] of Object.entries(relation.key)) {
    const value = Object.hasOwn(args, ownArgument) ? args[ownArgument] : undefined;
    if (value === undefined || value === null) return undefined;
    key.push([lookupArgument, value]);
  }
  return lookUp(deps, run, source, Object.fromEntries(key), signal);
}

function shownFields(record: JsonObject, { show }: Relation): readonly SheetRecord[] {
  return Object.entries(show).flatMap(([label, field]) => {
    const value = fieldOf(record, field);
    return value === undefined ? [] : [{ label, json: JSON.stringify(value) }];
  });
}

async function lookUp(
  { tools }: Pick<DecisionDeps, 'tools'>,
  run: RunKey,
  source: CatalogueTool,
  key: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const workflowId = workflowIdOf(parseTenantId(run.tenant), parseRunId(run.runId));
  try {
    const outcome = await tools.call(
      {
        server: source.server,
        tool: source.announced.name,
        args: key,
        // A server may remember answers by key, and this one must be of this record and of this moment.
        idempotencyKey: `${workflowId}/relation/${newNonce()}`,
        headers: { 'countersign-run-id': run.runId, traceparent: traceParent(workflowId, `relation/${source.name}`) },
        timeoutMs: durationMs(source.manifest.timeout),
      },
      { signal },
    );
    return outcome.kind === 'result' && isJsonObject(outcome.value) ? outcome.value : undefined;
  } catch (error) {
    if (error instanceof CountersignError) throw new CountersignError('facts-unavailable', { cause: error });
    throw error;
  }
}

function agrees(record: JsonObject, relation: Relation, args: JsonObject): boolean {
  const equal = Object.entries(relation.equal).every(([field, argument]) =>
    sameValue(fieldOf(record, field), args[argument]),
  );
  const constant = Object.entries(relation.is).every(([field, value]) => sameValue(fieldOf(record, field), value));
  return equal && constant;
}

function fieldOf(record: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = record;
  for (const name of path.split('.')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * Typed equality: text as it will be sent must be the record's, or its NFKC form; numbers by value, booleans as they
 * are. Absent values equal nothing. What only looks like the record's would be read by somebody else.
 */
function sameValue(recorded: JsonValue | undefined, wanted: JsonValue | undefined): boolean {
  if (typeof recorded === 'string' && typeof wanted === 'string')
    return wanted === recorded || wanted === recorded.normalize('NFKC');
  if (typeof recorded === 'number' && typeof wanted === 'number') return recorded === wanted;
  return typeof recorded === 'boolean' && recorded === wanted;
}
