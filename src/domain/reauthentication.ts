/** `acr` of a verdict whose giver signed in at the identity provider once more, for this verdict alone. */
export const providerAcr = 'provider';

/** What the identity provider said of that sign-in. */
export interface Reauthentication {
  /** OpenID Connect, compact; its `nonce` is the verdict's `stepUpChallenge`. */
  readonly idToken: string;
}

/** How long somebody may take at the provider's pages, in milliseconds. */
export const reauthenticationMs = 10 * 60 * 1_000;

/** How far the provider's clock may be from ours, in milliseconds; it counts in whole seconds. */
export const providerSkewMs = 30 * 1_000;

/** Characters of an ID token; more than any provider that is meant for browsers sends. */
export const maxIdTokenLength = 16_384;
