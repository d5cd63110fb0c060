/** What the principal says to his run while it is under way. It changes what the run does, never what it may do. */
export interface SteerMessage {
  readonly v: 1;
  readonly steerId: string;
  readonly tenant: string;
  readonly runId: string;
  /** Counts from 1 within the run. Signed, so that nobody who can write rows changes the order. */
  readonly position: number;
  /** Blob reference of `{text}`; content-bound, so it stands for the text's digest. */
  readonly textRef: string;
  readonly author: string;
  /** Always the principal's own words: what a service may only pass on as data is refused before it is stored. */
  readonly authority: 'principal';
  readonly at: string;
}

export interface SignedSteerMessage {
  readonly message: SteerMessage;
  readonly keyId: string;
  /** Ed25519 over the RFC 8785 form of `message`, base64url. */
  readonly signature: string;
}

/** Messages that one run takes in all, and that may wait to be read at a time. */
export const maxSteerMessages = 100;
export const maxUnreadSteerMessages = 10;
