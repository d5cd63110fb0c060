/** What a sign-in must have been made for. */
export interface ExpectedReauthentication {
  /** Subject of the person. */
  readonly approver: string;
  /** `stepUpChallenge` of the verdict. */
  readonly nonce: string;
  /** ISO 8601: when the provider was asked. */
  readonly at: string;
}

/** Sign-ins at the identity provider that prove one verdict, checked with the provider's public keys. */
export interface ReauthenticationVerifier {
  /**
   * Whether the provider says of exactly this person that he signed in for exactly this. False for every token that
   * does not hold, and where its key is gone. Code: `identity-provider-unavailable`, where nobody tells the keys now.
   */
  verify(idToken: string, expected: ExpectedReauthentication): Promise<boolean>;
}

/** Where no sign-in at a provider counts as a step-up. */
export const noReauthentication: ReauthenticationVerifier = { verify: async () => false };
