import type { JsonObject } from '../domain/json.ts';
import type { Passkey, PasskeyAssertion } from '../domain/passkey.ts';

/** Who a passkey answers to: the site's name, and where its pages are. */
export interface RelyingParty {
  readonly rpId: string;
  readonly origin: string;
}

/** A new credential as the browser gave it; base64url. */
export interface Enrolment {
  readonly credentialId: string;
  readonly clientDataJson: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** WebAuthn. User verification is always required. */
export interface PasskeyVerifier {
  /** `PublicKeyCredentialCreationOptionsJSON` with a fresh challenge, which is also given apart. */
  creationOptions(
    party: RelyingParty,
    person: {
      /** Up to 64 bytes that say nothing about the person. */
      readonly handle: Uint8Array;
      readonly name: string;
      readonly displayName: string;
      readonly known: readonly Pick<Passkey, 'credentialId' | 'transports'>[];
    },
  ): Promise<{ readonly challenge: string; readonly options: JsonObject }>;
  /** Undefined for every answer that does not hold; never throws for those. */
  verifyEnrolment(
    enrolment: Enrolment,
    challenge: string,
    party: RelyingParty,
  ): Promise<Pick<Passkey, 'credentialId' | 'publicKey' | 'counter'> | undefined>;
  /**
   * Whether this credential signed this challenge, with its user verified, for a page of `rpId`; and the counter then.
   * With an origin, for a page of that one only. Undefined for every assertion that does not hold; never throws for those.
   */
  verifyAssertion(
    assertion: PasskeyAssertion,
    challenge: string,
    credential: Pick<Passkey, 'credentialId' | 'publicKey' | 'counter'>,
    party: Pick<RelyingParty, 'rpId'> & Partial<RelyingParty>,
  ): Promise<{ readonly counter: number } | undefined>;
}
