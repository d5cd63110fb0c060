import type { Identity } from './directory.port.ts';

export interface VerifiedToken {
  readonly subject: string;
  readonly tokenId: string;
  /** Of a service, whom its token describes. Without it, the directory knows who the subject is. */
  readonly service?: Identity;
}

/** Bearer tokens that callers present. */
export interface TokenVerifier {
  /** Undefined for every token that does not hold: signature, algorithm, issuer, audience, time or form. Never throws for those; code `identity-provider-unavailable` where nobody can say. */
  verify(token: string): Promise<VerifiedToken | undefined>;
}

export interface MintedToken {
  readonly token: string;
  readonly expiresAt: string;
}

/** Hands out tokens itself; only development identities have such a service. */
export interface TokenMint {
  mint(subject: string): Promise<MintedToken>;
}
