import type { z } from 'zod';
import { CountersignError, type FieldError } from '../domain/countersign-error.ts';

const maxReported = 32;

/** The value in its schema's form, or `invalid-request` naming every field and rule. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CountersignError('invalid-request', {
    fields: parsed.error.issues.slice(0, maxReported).flatMap(fieldErrors),
  });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String).join('/');
  if (issue.code !== 'unrecognized_keys') return [{ path, rule: issue.message }];
  const below = path === '' ? '' : `${path}/`;
  return issue.keys
    .slice(0, maxReported)
    .map((key) => ({ path: `${below}${key.slice(0, 128)}`, rule: 'is not a field of this request' }));
}
