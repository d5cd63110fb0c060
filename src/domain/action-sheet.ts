import type { Reason } from './decision.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** One argument on the sheet: its path in the arguments and its exact JSON text. */
export interface SheetRow {
  readonly path: string;
  readonly role: 'route' | 'payload' | 'inert' | 'unclassified';
  readonly json: string;
}

/** What the approver is shown, as data. The page renders this and nothing else of the action; its digest is `renderHash`. */
export interface ActionSheet {
  readonly tool: string;
  readonly effect: 'read' | 'write' | 'irreversible' | 'answer';
  /** `server.tool` that takes it back, where the reviewed manifest names one. */
  readonly undo?: string;
  readonly agent: string;
  readonly agentVersion: number;
  readonly onBehalfOf: string;
  readonly rows: readonly SheetRow[];
  readonly reasons: readonly Reason[];
  /** Facts that the engine read from the operator's records, by relation. */
  readonly facts: Readonly<Record<string, boolean>>;
  /** Fields of those records that help people to recognise what the arguments name. */
  readonly records: readonly SheetRecord[];
  /** Only where a person changed the arguments: who, and all of them as they were. */
  readonly edited?: SheetEdit;
}

export interface SheetEdit {
  readonly by: string;
  /** The approval at which it was changed. */
  readonly approvalId: string;
  readonly before: readonly SheetRow[];
}

/** A field of one of the operator's records, as exact JSON text. */
export interface SheetRecord {
  readonly label: string;
  readonly json: string;
}

/** What the engine read from the operator's records about one action: relations that hold or not, and what to show. */
export interface RecordFacts {
  readonly facts: Readonly<Record<string, boolean>>;
  readonly records: readonly SheetRecord[];
}

export const noRecordFacts: RecordFacts = { facts: {}, records: [] };

/** A name that could be mistaken for the dots and brackets of a path is quoted in it. */
const plainName = /^[\p{L}\p{N}_-]+$/u;

/** Of all paths below one argument: a long name above many values would be repeated for each of them. */
const maxPathCharacters = 65_536;

/**
 * Every argument as a row, nested objects by path, lists as one row; nothing is shortened.
 * Where the paths below an argument would outgrow it, the argument is one row, with all that is in it.
 */
export function sheetRows(args: JsonObject, roles: Readonly<Record<string, SheetRow['role']>>): SheetRow[] {
  return inManifestOrder(args, roles).flatMap(([name, unordered]) => {
    const value = inOneOrder(unordered);
    const role = (Object.hasOwn(roles, name) ? roles[name] : undefined) ?? 'unclassified';
    const path = plainName.test(name) ? name : `[${JSON.stringify(name)}]`;
    const rows = rowsBelow(path, value, role);
    const characters = rows.reduce((sum, row) => sum + row.path.length, 0);
    return characters <= maxPathCharacters + path.length ? rows : [{ path, role, json: JSON.stringify(value) }];
  });
}

/**
 * The digest of the sheet must not depend on the order in which the model wrote its arguments: the stored form keeps
 * none, so a sheet built again after a restart would be another one. The manifest's order is what a reviewer chose.
 */
function inManifestOrder(args: JsonObject, roles: Readonly<Record<string, unknown>>): [string, JsonValue][] {
  const named = Object.keys(roles).filter((name) => Object.hasOwn(args, name));
  const others = Object.keys(args).filter((name) => !Object.hasOwn(roles, name));
  return [...named, ...others.sort(byCodeUnits)].map((name) => [name, args[name] ?? null]);
}

function inOneOrder(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOneOrder);
  const entries = Object.entries(value).sort(([left], [right]) => byCodeUnits(left, right));
  return Object.fromEntries(entries.map(([name, item]) => [name, inOneOrder(item)]));
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function rowsBelow(path: string, value: JsonValue, role: SheetRow['role']): SheetRow[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path, role, json: JSON.stringify(value) }];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path, role, json: '{}' }];
  return entries.flatMap(([name, item]) =>
    rowsBelow(plainName.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`, item, role),
  );
}

/** One argument that differs between two sets of them; undefined where it is not given. */
export interface ChangedRow {
  readonly path: string;
  readonly before: SheetRow | undefined;
  readonly after: SheetRow | undefined;
}

/** Every argument that differs, whole, in the order of the later set. */
export function changedRows(before: readonly SheetRow[], after: readonly SheetRow[]): readonly ChangedRow[] {
  const old = new Map(before.map((row) => [row.path, row]));
  const now = new Map(after.map((row) => [row.path, row]));
  return [...new Set([...now.keys(), ...old.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((change) => change.before?.json !== change.after?.json);
}
