import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';

/** Fields of an answer whose shape nobody promised: what is not of the expected type counts as absent. */
export function textField(from: JsonObject | undefined, name: string): string | undefined {
  const value = from?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberField(from: JsonObject | undefined, name: string): number | undefined {
  const value = from?.[name];
  return typeof value === 'number' ? value : undefined;
}

export function objectField(from: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = from?.[name];
  return isJsonObject(value) ? value : undefined;
}

export function listField(from: JsonObject | undefined, name: string): readonly JsonValue[] {
  const value = from?.[name];
  return Array.isArray(value) ? value : [];
}

export function objectsField(from: JsonObject | undefined, name: string): readonly JsonObject[] {
  return listField(from, name).filter(isJsonObject);
}

export function textsField(from: JsonObject | undefined, name: string): readonly string[] {
  return listField(from, name).filter((item) => typeof item === 'string');
}
