import { z } from 'zod';

/** What the reference says of one variable. */
export interface VariableNote {
  /** Completes "must be …". */
  readonly form: string;
  readonly meaning: string;
  /** Never shown; may be given as `file:PATH`. */
  readonly secret?: true;
  /** Used where the variable is not set or empty. */
  readonly fallback?: string;
}

export const variableNotes = z.registry<VariableNote>();

export function optional<Schema extends z.ZodType<unknown, string>>(schema: Schema, note: VariableNote) {
  return noted(schema.optional(), note);
}

/** The fallback is parsed like a given value, so that what the reference prints is what is used. */
export function required<Schema extends z.ZodType<unknown, string>>(
  schema: Schema,
  note: VariableNote & { readonly fallback: string },
) {
  return noted(z.string().prefault(note.fallback).pipe(schema), note);
}

function noted<Schema extends z.ZodType>(schema: Schema, note: VariableNote): Schema {
  variableNotes.add(schema, note);
  return schema;
}
