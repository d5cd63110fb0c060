import type { Identity } from './directory.port.ts';

/** What ties the answer of an identity provider to the question; secret until it has come back. */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** A person as the identity provider describes him at this moment. */
export interface DescribedPerson {
  readonly identity: Identity;
  /** With it the provider can be asked again without the person. */
  readonly refreshToken?: string;
}

/** `no-news`: the provider was not reached, or stands by the person and says nothing of roles. */
export type RefreshAnswer =
  | { readonly kind: 'described'; readonly person: DescribedPerson }
  | { readonly kind: 'no-news'; readonly refreshToken: string }
  | { readonly kind: 'refused' };

/** Where people who are signed in prove who they are once more, for one deed. */
export interface ReauthenticationProvider {
  /** The host that people will see in their browser. */
  readonly name: string;
  /** Asks for a fresh sign-in whose proof names this nonce. Code: `identity-provider-unavailable`. */
  begin(asked: Pick<SignInAttempt, 'state' | 'nonce'>): Promise<{
    readonly address: string;
    readonly attempt: SignInAttempt;
  }>;
  /** Who came back, and the provider's signed word for it. Codes as for `SignInProvider.complete`. */
  complete(
    query: URLSearchParams,
    attempt: SignInAttempt,
  ): Promise<{ readonly identity: Identity; readonly idToken: string }>;
}

/** Where people prove who they are. */
export interface SignInProvider {
  /** The host that people will see in their browser. */
  readonly name: string;
  /** Where to send the browser. Code: `identity-provider-unavailable`. */
  begin(): Promise<{ readonly address: string; readonly attempt: SignInAttempt }>;
  /**
   * Who came back; `query` is that of the callback.
   * Codes: `sign-in-refused`, `sign-in-without-role`, `sign-in-invalid`, `identity-provider-unavailable`.
   */
  complete(query: URLSearchParams, attempt: SignInAttempt): Promise<DescribedPerson>;
  /** Asks again. Never fails: what cannot be asked is no news. */
  refresh(subject: string, refreshToken: string): Promise<RefreshAnswer>;
}
