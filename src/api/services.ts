import type { NudgeStandingView } from '../contracts/http/nudge.schema.ts';
import type { PasskeyChallengeView, PasskeyListView, PasskeyView } from '../contracts/http/passkey.schema.ts';
import type { PublicKeysView } from '../contracts/http/receipt.schema.ts';
import type { PageQuery, RunView, RunViewPage } from '../contracts/http/run.schema.ts';
import type { EndedSessionsView, SessionListView, SessionQuery } from '../contracts/http/session.schema.ts';
import type { SteerMessagesView, SteerMessageView } from '../contracts/http/steering.schema.ts';
import type { TimelineItem } from '../contracts/http/timeline.schema.ts';
import type { PublicEvent } from '../domain/audit-record.ts';
import type { AlikeApprovals, InboxCount, InboxEntry, InboxFilter, InboxPlace } from '../ports/approval-inbox.port.ts';
import type { Identity } from '../ports/directory.port.ts';
import type { Session } from '../ports/session-store.port.ts';
import type { AnswerObjection, ApprovalService } from './approvals/approval-service.ts';
import type { DelegationService } from './delegations/delegation-service.ts';
import type { InboxChange } from './inbox/inbox-feed.ts';
import type { NoteService } from './notes/note-service.ts';
import type { Principal, RawBody } from './principal.ts';
import type { BatchService } from './verdicts/batch-service.ts';
import type { ReauthenticationService } from './verdicts/reauthentication-service.ts';

export interface AdmittedRun {
  /** False where the same request had admitted it before. */
  readonly created: boolean;
  readonly run: RunView;
}

/** Every method fails with a `CountersignError`; all of them see the principal's own tenant only. */
export interface RunService {
  /** Codes: `invalid-request`, `forbidden` (another tenant), `agent-not-found`, `start-denied`, `run-conflict`. */
  admitRun(principal: Principal, body: unknown, idempotencyKey?: string): Promise<AdmittedRun>;
  /** Code: `run-not-found`. */
  findRun(principal: Principal, runId: string): Promise<RunView>;
  listRuns(principal: Principal, query: PageQuery): Promise<RunViewPage>;
  /** Asks the run to stop; it closes as `cancelled` soon after. Codes: `run-not-found`, `forbidden`, `run-closed`. */
  cancelRun(principal: Principal, runId: string): Promise<RunView>;
  /**
   * A message of the principal to his run, stored and signed when it resolves; the next model call reads it.
   * Codes: `run-not-found`, `forbidden`, `run-closed`, `invalid-request`, `rate-limited`, `steering-exhausted`, `idempotency-conflict`.
   */
  steerRun(principal: Principal, runId: string, body: RawBody, idempotencyKey?: string): Promise<SteerMessageView>;
  /** What the principal has said to the run since it began, in order; code `run-not-found`. */
  runSteering(principal: Principal, runId: string): Promise<SteerMessagesView>;
  /** Public events after a position, oldest first, at most 200, of these kinds where some are named; code `run-not-found`. */
  runTimeline(
    principal: Principal,
    runId: string,
    afterPosition: number,
    kinds?: readonly PublicEvent[],
  ): Promise<readonly TimelineItem[]>;
  /** As they happen, from a position on; ends after `run-closed` or when the signal aborts. */
  followTimeline(
    principal: Principal,
    runId: string,
    afterPosition: number,
    signal: AbortSignal,
  ): AsyncIterable<TimelineItem | 'idle'>;
}

/** How messages about questions stand, for administrators of the tenant; everybody else gets `forbidden`. */
export interface NudgeService {
  nudgeStanding(principal: Principal): Promise<NudgeStandingView>;
}

/** One pending approval in a list, and whether this principal may answer it now. */
export interface InboxItem extends InboxEntry {
  readonly answerable: AnswerObjection | 'yes';
}

export interface InboxQuery extends Omit<InboxFilter, 'endsBefore'> {
  /** Only what ends within the hour. */
  readonly endsSoon?: true;
}

/** Pending approvals that a page shows or adds, and how many there are of each kind. */
export interface InboxPart {
  readonly items: readonly InboxItem[];
  /** Over all pending ones whose run passes; the other filters narrow the items only. */
  readonly counts: readonly InboxCount[];
  /** Pending approvals in all. */
  readonly waiting: number;
}

export interface InboxPage extends InboxPart {
  readonly preceding: number;
  readonly previous?: string;
  readonly next?: string;
  /** What happens after this is told by `follow`. */
  readonly position: number;
}

/** What waits for people, by what expires first. A row that cannot be read has no summary, and disturbs no other. */
export interface InboxService {
  /** Code: `invalid-request` for a cursor that is none. */
  inbox(principal: Principal, query: InboxQuery, place: Omit<InboxPlace, 'limit'>): Promise<InboxPage>;
  /** Those of these approvals that the list would show. */
  pick(principal: Principal, query: InboxQuery, approvalIds: readonly string[]): Promise<InboxPart>;
  /** One pending approval as a list shows it, also where its content cannot be read. */
  find(principal: Principal, approvalId: string): Promise<InboxItem | undefined>;
  /** What this principal may answer together with an approval, itself included; the first of them. */
  alike(principal: Principal, approvalId: string): Promise<AlikeApprovals>;
  position(): Promise<number>;
  follow(principal: Principal, after: number, signal: AbortSignal): AsyncIterable<InboxChange>;
  /** Positions at which the approval may have come to stand differently, undefined now and then; code `approval-not-found`. */
  followApproval(
    principal: Principal,
    approvalId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncIterable<number | undefined>;
}

/** A login: the cookie's value is known to the browser only. */
export interface OpenedSession {
  readonly session: Session;
  /** The whole `Set-Cookie` header. */
  readonly setCookie: string;
}

export interface SessionService {
  /** The identities that the login page offers; empty where development login is off. */
  offered(): readonly Identity[];
  /** Development login, always under a new id. Ends the session that the request came with. Codes: `forbidden`, `unauthenticated`. */
  logIn(subject: string, request: Request): Promise<OpenedSession>;
  /** The session of the request's cookie, not past its idle or absolute end. */
  find(request: Request): Promise<{ readonly session: Session; readonly principal: Principal } | undefined>;
  /** Ends it; returns the `Set-Cookie` header that clears the cookie. */
  logOut(request: Request): Promise<string>;
  /** Throws `csrf-refused` unless the form came from this site and, with a session, carries its token. */
  checkForm(request: Request, session: Session | undefined, csrfToken: string | undefined): void;
}

/** Sign-in through an identity provider. */
export interface SignInService {
  /** The provider's host, as people will see it. */
  readonly providerName: string;
  /** Codes: `rate-limited`, `identity-provider-unavailable`, `sign-in-invalid`. */
  begin(request: Request, returnTo: string): Promise<{ readonly address: string; readonly setCookie: string }>;
  /**
   * What the provider sent the browser back with, once and in the same browser; always a new session.
   * Codes: `sign-in-stale`, `sign-in-refused`, `sign-in-without-role`, `sign-in-invalid`, `identity-provider-unavailable`.
   */
  complete(request: Request): Promise<{ readonly setCookies: readonly string[]; readonly returnTo: string }>;
}

/** Sessions of other people, for administrators of their tenant; everybody else gets `forbidden`. */
export interface SessionAdminService {
  listSessions(principal: Principal, query: SessionQuery): Promise<SessionListView>;
  /** All sessions of a person, or the named one. None is no failure. Codes: `invalid-request`, `forbidden`. */
  endSessions(principal: Principal, body: unknown): Promise<EndedSessionsView>;
}

/** Passkeys of people. Codes: `not-found`, `forbidden`, `invalid-request`, and those that are named. */
export interface PasskeyService {
  /** The principal's own first; then those of others that he may confirm or revoke. */
  listPasskeys(principal: Principal): Promise<PasskeyListView>;
  /** From a login session only. Code: `passkey-limit`. */
  beginEnrolment(principal: Principal): Promise<PasskeyChallengeView>;
  /** It waits for a second person. Code: `passkey-refused`. */
  enrolPasskey(principal: Principal, body: unknown): Promise<PasskeyView>;
  /** Codes: `passkey-not-yours`, `passkey-settled`. */
  confirmPasskey(principal: Principal, passkeyId: string): Promise<PasskeyView>;
  /** Codes: `passkey-not-yours`, `passkey-settled`. */
  revokePasskey(principal: Principal, passkeyId: string): Promise<PasskeyView>;
}

export interface Authentication {
  /** By bearer token or session cookie. No session, or one that has ended: undefined. A token that does not hold: `unauthenticated`. */
  authenticate(request: Request): Promise<Principal | undefined>;
}

/** What pages and the HTTP API are built on. */
export interface Services {
  readonly runs: RunService;
  readonly approvals: ApprovalService;
  readonly batches: BatchService;
  readonly notes: NoteService;
  readonly inbox: InboxService;
  readonly sessions: SessionService;
  readonly sessionAdmin: SessionAdminService;
  readonly nudges: NudgeService;
  /** Undefined where development identities are offered instead. */
  readonly signIn: SignInService | undefined;
  /** Undefined where a fresh sign-in is no step-up. */
  readonly reauthentication: ReauthenticationService | undefined;
  /** A name for people to read. */
  nameOf(subject: string): string | undefined;
  readonly passkeys: PasskeyService;
  readonly delegations: DelegationService;
  readonly authentication: Authentication;
  /** What receipts are checked with; anybody may have it. */
  publicKeys(): Promise<PublicKeysView>;
}
