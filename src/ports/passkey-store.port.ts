import type { VerdictEdit } from '../domain/approval.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { Passkey, PasskeyState } from '../domain/passkey.ts';

/** Passkeys of people. Every change is conditional on the state before, in the same statement as its record. */
export interface PasskeyStore {
  /** `known`: the credential is somebody's already, or was. */
  enrol(passkey: Passkey, record: AuditRecord): Promise<'enrolled' | 'known'>;
  find(tenant: string, passkeyId: string): Promise<Passkey | undefined>;
  /** Of a person, or of everybody in the tenant; newest first. */
  list(filter: {
    readonly tenant: string;
    readonly subject?: string;
    readonly state?: PasskeyState;
    readonly limit: number;
  }): Promise<readonly Passkey[]>;
  /** Puts the passkey where it was in the state `from`; false where it no longer is. */
  move(from: PasskeyState, passkey: Passkey, record: AuditRecord): Promise<boolean>;
  /** False unless the counter is beyond the stored one, or the authenticator counts nothing: a replay, or a clone. */
  advance(tenant: string, passkeyId: string, counter: number): Promise<boolean>;
}

/** A question to an authenticator, remembered until it is answered once. */
export interface PasskeyChallenge {
  readonly challengeId: string;
  readonly tenant: string;
  readonly subject: string;
  /** Of the login session that asked. */
  readonly session: string;
  readonly expiresAt: string;
  readonly purpose:
    | { readonly kind: 'enrolment'; readonly challenge: string }
    | {
        /** What the server fixed of the verdict; the rest of it is computed again when the answer comes. */
        readonly kind: 'verdict';
        readonly approvalId: string;
        readonly verdictId: string;
        readonly nonce: string;
        readonly at: string;
        /** With `edit`: what is written instead, by the time that it was asked. */
        readonly edit?: VerdictEdit;
      };
}

export interface PasskeyChallengeStore {
  /** The session's former challenge is gone, and whatever had expired at `now`. */
  open(challenge: PasskeyChallenge, now: string): Promise<void>;
  /** Gives it out once. Undefined where it is not there, was taken, or has expired. */
  take(challengeId: string, now: string): Promise<PasskeyChallenge | undefined>;
}
