import { isJsonObject, type JsonValue } from './json.ts';

/** What the payload codec yields for anything that is not ours: parsers refuse and record it, nothing throws. */
export interface Undecodable {
  readonly __countersign: 'undecodable';
  readonly reason: string;
}

export function isUndecodable(value: unknown): value is Undecodable {
  return isJsonObject(value as JsonValue) && (value as { __countersign?: unknown }).__countersign === 'undecodable';
}
