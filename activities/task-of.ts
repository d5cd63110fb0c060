import { isJsonObject, type JsonValue } from '../src/domain/json.ts';

/** The stored request → the task, and the inputs that came with it. */
export function taskOf(stored: JsonValue): { readonly task: string; readonly inputs: JsonValue | undefined } {
  const task = isJsonObject(stored) ? stored['task'] : undefined;
  const inputs = isJsonObject(stored) ? stored['inputs'] : undefined;
  return { task: typeof task === 'string' ? task : '', inputs: inputs ?? undefined };
}
