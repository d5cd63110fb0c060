import type { Identity } from '../ports/directory.port.ts';

/** Who sends a request, as the directory knows him now, and how he proved it. */
export interface Principal {
  readonly identity: Identity;
  readonly authentication: 'token' | 'session';
  /** `idHash` of the login session; absent with a token. */
  readonly session?: string;
}

/** A body as it came in: parsed JSON, or why it could not be parsed. Schemas are applied by the services. */
export type RawBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly error: Error };
