import type { Context } from 'hono';
import { CountersignError } from '../domain/countersign-error.ts';

/** Bytes of a form; edited arguments are the longest thing in it, and a character is at most nine bytes there. */
const maxFormBytes = 256 * 1024;

/** A posted form. Reading a field that was sent twice fails with `invalid-request`. */
export interface Form {
  field(name: string): string | undefined;
  /** Every name once, in the order of the form. */
  readonly names: readonly string[];
}

/** Codes: `invalid-request` for another content type, `payload-too-large`. */
export async function readForm(context: Context): Promise<Form> {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type)) throw new CountersignError('invalid-request');
  const fields = new URLSearchParams(await limitedText(context.req.raw));
  return {
    names: [...new Set(fields.keys())],
    field(name) {
      const values = fields.getAll(name);
      if (values.length > 1)
        throw new CountersignError('invalid-request', { fields: [{ path: name, rule: 'must be sent once' }] });
      return values[0];
    },
  };
}

async function limitedText(request: Request): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxFormBytes) throw new CountersignError('payload-too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
