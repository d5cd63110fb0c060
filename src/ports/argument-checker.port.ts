import type { FieldError } from '../domain/countersign-error.ts';
import type { JsonObject } from '../domain/json.ts';

/** Checks arguments against a JSON Schema from outside. A schema that cannot be compiled refuses every argument. */
export interface ArgumentChecker {
  check(schema: JsonObject, args: JsonObject): readonly FieldError[];
}
