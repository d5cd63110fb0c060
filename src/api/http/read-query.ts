import type { z } from 'zod';
import { CountersignError } from '../../domain/countersign-error.ts';
import { parseInput } from '../input.ts';

/** The query in its schema's form; a parameter given twice is refused, like every one that the schema does not name. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const parameters = [...new URL(request.url).searchParams];
  const values = new Map(parameters);
  if (values.size < parameters.length) {
    const twice = parameters.find(([name], index) => parameters.findIndex(([other]) => other === name) !== index);
    const path = (twice?.[0] ?? '').slice(0, 128);
    throw new CountersignError('invalid-request', { fields: [{ path, rule: 'must not appear twice' }] });
  }
  return parseInput(schema, Object.fromEntries(values));
}
