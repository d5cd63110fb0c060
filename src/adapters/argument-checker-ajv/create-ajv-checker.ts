import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ArgumentChecker } from '../../ports/argument-checker.port.ts';

/** Schemas kept compiled. Each reload of the catalogue brings its own, and Ajv forgets none, so beyond this it starts anew. */
const keptSchemas = 1_000;

/** Of a place in the arguments; names in it may be a model's own. */
const maxPathCharacters = 128;

/** JSON Schema 2020-12 by Ajv. Formats are annotations, as the draft has it; `$ref` outside the schema is refused. */
export function createAjvChecker(): ArgumentChecker {
  let ajv = createAjv();
  let compiled = new WeakMap<JsonObject, ValidateFunction | 'unusable'>();
  let count = 0;

  const compile = (schema: JsonObject): ValidateFunction | 'unusable' => {
    if (count >= keptSchemas) {
      ajv = createAjv();
      compiled = new WeakMap();
      count = 0;
    }
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

/** It stops at the first offence: a million of them would be a million errors to keep. */
function createAjv(): Ajv2020 {
  return new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false });
}

function fieldError({ instancePath, message, keyword }: ErrorObject): FieldError {
  return { path: instancePath.replace(/^\//, '').slice(0, maxPathCharacters).toWellFormed(), rule: message ?? keyword };
}
