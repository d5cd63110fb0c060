import { createHash } from 'node:crypto';
import type { JsonValue } from '../domain/json.ts';
import { canonicalJson } from './canonical-json.ts';

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** What is being digested; part of the hash, so that a digest of one kind never passes for another. */
export type DigestDomain =
  | 'action'
  | 'render'
  | 'tool'
  | 'request'
  | 'task'
  | 'manifest'
  | 'prompt'
  | 'policy'
  | 'transcript'
  | 'passkey'
  | 'step-up'
  | 'edit'
  | 'content';

/** SHA-256 over `countersign/<domain>/v1`, a zero byte, and the RFC 8785 form of the value. */
export function digestOf(domain: DigestDomain, value: JsonValue): Digest {
  return digestOfText(domain, canonicalJson(value));
}

/** The same over text that is hashed as it stands, in UTF-8. */
export function digestOfText(domain: DigestDomain, text: string): Digest {
  return `sha256:${createHash('sha256').update(`countersign/${domain}/v1\0`).update(text, 'utf8').digest('hex')}`;
}
