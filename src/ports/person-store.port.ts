import type { Verdict, VerdictKind } from '../domain/approval.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Identity } from './directory.port.ts';
import type { SignInAttempt } from './sign-in.port.ts';

/** What an identity provider last said of a person. */
export interface KnownPerson {
  readonly identity: Identity;
  /** When the provider said it, ISO 8601. */
  readonly learnedAt: string;
  readonly refreshToken?: string;
}

/** People who signed in through an identity provider; a session's opening writes them. */
export interface PersonStore {
  find(subject: string): Promise<KnownPerson | undefined>;
  /** Names by subject, of those whom the provider described last. */
  names(limit: number): Promise<ReadonlyMap<string, string>>;
  /**
   * The person, if the provider described him before `learnedBefore`, he can be asked after, and nobody else is
   * asking now. Nobody else will until `until`.
   */
  claimRefresh(
    subject: string,
    claim: { readonly learnedBefore: string; readonly now: string; readonly until: string },
  ): Promise<KnownPerson | undefined>;
  /** Replaces what was claimed. False where a new sign-in, or a removal, was faster. */
  renew(claimed: KnownPerson, renewed: KnownPerson): Promise<boolean>;
  /** Removes what was claimed, and ends the person's sessions, with the record. False as above. */
  forget(claimed: KnownPerson, record: AuditRecord): Promise<boolean>;
}

/** A sign-in that is under way. */
export interface PendingSignIn extends SignInAttempt {
  readonly purpose: 'sign-in';
  readonly returnTo: string;
  /** `idHash` of the session that the browser had when it left. */
  readonly formerSession?: string;
}

/** A sign-in of somebody who is signed in, for one answer that is fixed before it. `nonce` is its step-up challenge. */
export interface PendingReauthentication extends SignInAttempt {
  readonly purpose: 'step-up';
  readonly tenant: string;
  readonly subject: string;
  /** `idHash` of the session that asked. */
  readonly session: string;
  readonly approvalId: string;
  /** What the server fixed of the verdict. */
  readonly fixed: Pick<Verdict, 'verdictId' | 'nonce' | 'at' | 'edit'>;
  /** The answer as it was sent; it was valid then. */
  readonly answer: JsonObject & { readonly verdict: VerdictKind };
}

/** What waits for a callback of the identity provider. */
export type PendingCallback = PendingSignIn | PendingReauthentication;

export interface SignInStore {
  /** Sweeps what expired before `now`. */
  keep(
    keyHash: string,
    pending: PendingCallback,
    times: { readonly now: string; readonly expiresAt: string },
  ): Promise<void>;
  /** Once only: whoever takes it has it alone. */
  take(keyHash: string, now: string): Promise<PendingCallback | undefined>;
}
