import { CountersignError } from '../domain/countersign-error.ts';

export interface Identity {
  readonly subject: string;
  readonly displayName: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly kind: 'person' | 'service';
  /** How sure we are: `dev` is a development identity, for embedded mode on loopback only. */
  readonly acr: string;
}

/** Who somebody is now. Roles are asked when a verdict is given and again when it is consumed. */
export interface Directory {
  find(subject: string): Promise<Identity | undefined>;
  /** For people to read, as far as it is known without asking anybody. */
  nameOf(subject: string): string | undefined;
  /** The identities that a login page may offer; empty outside development. */
  offered(): readonly Identity[];
}

/** Lets a service pass on its principal's own words. The operator's to give, client by client; no claim does. */
export const speakerRole = 'speaks-for-principal';

/** A person in a session or with a token of his own; a service only where the directory lets it. */
export function speaksForPrincipal({ kind, roles }: Identity): boolean {
  return kind === 'person' || roles.includes(speakerRole);
}

/** Fails with `forbidden`. */
export function requireAdmin({ roles }: Identity): void {
  if (!roles.includes('admin')) throw new CountersignError('forbidden');
}
