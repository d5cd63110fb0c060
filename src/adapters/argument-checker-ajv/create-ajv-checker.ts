import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ArgumentChecker } from '../../ports/argument-checker.port.ts';

/** Schemas kept compiled; a catalogue has hundreds at most. */
const keptSchemas = 1_000;

/** JSON Schema 2020-12 by Ajv. Formats are annotations, as the draft has it; `$ref` outside the schema is refused. */
export function createAjvChecker(): ArgumentChecker {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, addUsedSchema: false });
  const compiled = new WeakMap<JsonObject, ValidateFunction | 'unusable'>();
  let count = 0;

  const compile = (schema: JsonObject): ValidateFunction | 'unusable' => {
    if (count >= keptSchemas) return 'unusable';
    count += 1;
    try {
      return ajv.compile(schema);
    } catch {
      return 'unusable';
    }
  };

  return {
    check(schema, args) {
      const validate = compiled.get(schema) ?? compile(schema);
      compiled.set(schema, validate);
      if (validate === 'unusable') return [{ path: '', rule: 'the tool’s schema cannot be used' }];
      return validate(args) ? [] : (validate.errors ?? []).slice(0, 20).map(fieldError);
    },
  };
}

function fieldError(error: ErrorObject): FieldError {
  return { path: error.instancePath.replace(/^\//, ''), rule: error.message ?? error.keyword };
}
