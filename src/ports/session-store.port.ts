export interface Session {
  /** SHA-256 of the cookie's opaque id, hexadecimal: the id itself is never stored. */
  readonly idHash: string;
  readonly subject: string;
  readonly csrfToken: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

export interface SessionStore {
  create(session: Session): Promise<void>;
  find(idHash: string): Promise<Session | undefined>;
  touch(idHash: string, at: string): Promise<void>;
  end(idHash: string): Promise<void>;
}
