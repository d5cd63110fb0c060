import { CountersignError } from '../../domain/countersign-error.ts';
import { parseStrictJson } from '../json/strict-json.ts';
import type { RawBody } from '../principal.ts';

/** Bytes of a body, whatever its kind. */
export const maxBodyBytes = 256 * 1_024;

/** Reads a JSON body, or says why it cannot be read; the size was limited before. */
export async function readJsonBody(request: Request): Promise<RawBody> {
  try {
    const type = request.headers.get('content-type') ?? '';
    if (!/^application\/json\s*(;|$)/i.test(type)) throw refusal('content-type', 'must be application/json');
    return { kind: 'json', value: parseStrictJson(decoded(await request.arrayBuffer())) };
  } catch (error) {
    if (error instanceof CountersignError && error.code === 'invalid-request') return { kind: 'unreadable', error };
    throw error;
  }
}

/** The value of a body that must be readable. */
export function requireJson(body: RawBody): unknown {
  if (body.kind === 'unreadable') throw body.error;
  return body.value;
}

function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusal('', 'must be UTF-8');
  }
}

function refusal(path: string, rule: string): CountersignError {
  return new CountersignError('invalid-request', { fields: [{ path, rule }] });
}
