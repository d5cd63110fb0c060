import type { AuditRecord } from '../domain/audit-record.ts';
import type { KnownPerson } from './person-store.port.ts';

export interface Session {
  /** SHA-256 of the cookie's opaque id, hexadecimal: the id itself is never stored. */
  readonly idHash: string;
  readonly subject: string;
  readonly tenant: string;
  readonly csrfToken: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

export interface SessionOpening {
  readonly session: Session;
  readonly record: AuditRecord;
  /** `idHash` of the session that the same browser had until now; it ends. */
  readonly replaced?: string;
  /** What the identity provider said of the person at this sign-in; written with the session. */
  readonly person?: KnownPerson;
}

/** Sessions of one person, or one of them by its public id. */
export interface SessionsOfPerson {
  readonly tenant: string;
  readonly subject: string;
  readonly sessionId?: string;
}

export interface SessionStore {
  /** Everything in one statement. */
  open(opening: SessionOpening): Promise<void>;
  find(idHash: string): Promise<Session | undefined>;
  touch(idHash: string, at: string): Promise<void>;
  /** Ends one; the record is written if it was there. */
  end(idHash: string, record?: AuditRecord): Promise<void>;
  /** Those that end after `at` and were used after `usedAfter`; last used first. */
  list(query: {
    readonly tenant: string;
    readonly subject?: string;
    readonly at: string;
    readonly usedAfter: string;
    readonly limit: number;
  }): Promise<readonly Session[]>;
  /** Ends them with the record, if there are any; how many there were. */
  endOf(which: SessionsOfPerson, record: AuditRecord): Promise<number>;
}

/** What administrators call a session: no secret, and of no use as a cookie. */
export function sessionIdOf({ idHash }: Pick<Session, 'idHash'>): string {
  return `ses_${idHash.slice(0, 32)}`;
}
