/** A JSON value as RFC 8259 knows it; what crosses any edge of the engine. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True of anything that JSON can carry and that nests at most `maxDepth` deep. */
export function isJsonValue(value: unknown, maxDepth: number): value is JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (maxDepth === 0) return false;
      return (Array.isArray(value) ? value : Object.values(value)).every((item) => isJsonValue(item, maxDepth - 1));
    default:
      return false;
  }
}
