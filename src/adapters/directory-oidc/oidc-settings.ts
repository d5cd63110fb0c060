/** Which claim holds what: the claim's name, or a JSON pointer (RFC 6901) into all of them. */
export interface ClaimRules {
  readonly rolesClaim: string;
  readonly groupsClaim: string;
  /** The provider's value → ours; a value that is not in it counts for nothing. Without a map, values stand for themselves. */
  readonly roleMap: ReadonlyMap<string, string> | undefined;
  readonly groupMap: ReadonlyMap<string, string> | undefined;
  readonly tenant: { readonly fixed: string } | { readonly claim: string };
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client, which has PKCE alone. */
  readonly clientSecret: string | undefined;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  readonly scopes: string;
  readonly claims: ClaimRules;
}

/** What bearer tokens must be, and who may send them. */
export interface BearerSettings {
  readonly audience: string;
  /** Clients whose tokens are their own, although `sub` is not their client id. */
  readonly services: readonly string[];
  /** Clients that may speak for people, and whose own tasks are their principal's words. */
  readonly speakers: readonly string[];
}

/** What a sign-in must be to count as a step-up, beyond being fresh. */
export interface ReauthenticationRule {
  /** `acr` that is asked for, and that the token must have. */
  readonly acr?: string;
}
