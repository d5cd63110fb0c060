import type { ApprovalInbox } from '../ports/approval-inbox.port.ts';
import type { ApprovalNotes } from '../ports/approval-notes.port.ts';
import type { ApprovalStore } from '../ports/approval-store.port.ts';
import type { ArgumentChecker } from '../ports/argument-checker.port.ts';
import type { AuditOutbox } from '../ports/audit-outbox.port.ts';
import type { BlobStore } from '../ports/blob-store.port.ts';
import type { Catalogue } from '../ports/catalogue.port.ts';
import type { Clock } from '../ports/clock.port.ts';
import type { DelegationStore } from '../ports/delegation-store.port.ts';
import type { Directory } from '../ports/directory.port.ts';
import type { EffectLedger } from '../ports/effect-ledger.port.ts';
import type { EscalationStore } from '../ports/escalation-store.port.ts';
import type { KeyService, PublicKeys } from '../ports/key-service.port.ts';
import type { NudgeStore } from '../ports/nudge-store.port.ts';
import type { PasskeyChallengeStore, PasskeyStore } from '../ports/passkey-store.port.ts';
import type { PasskeyVerifier, RelyingParty } from '../ports/passkey-verifier.port.ts';
import type { PersonStore, SignInStore } from '../ports/person-store.port.ts';
import type { PolicyPort } from '../ports/policy.port.ts';
import type { ReauthenticationVerifier } from '../ports/reauthentication-verifier.port.ts';
import type { RunEngine } from '../ports/run-engine.port.ts';
import type { MandateStore, RunStore } from '../ports/run-store.port.ts';
import type { SessionStore } from '../ports/session-store.port.ts';
import type { ReauthenticationProvider, SignInProvider } from '../ports/sign-in.port.ts';
import type { SteeringStore } from '../ports/steering-store.port.ts';
import type { TokenVerifier } from '../ports/token-service.port.ts';
import { publicKeysView } from './approvals/approval-receipt.ts';
import { createApprovalService } from './approvals/create-approval-service.ts';
import { createDelegationService } from './delegations/create-delegation-service.ts';
import { createLentRights } from './delegations/lent-rights.ts';
import { createEscalationPump } from './escalation/escalation-pump.ts';
import { createAuthentication } from './identity/create-authentication.ts';
import { createPeopleKeeper } from './identity/create-people-keeper.ts';
import { createSessionAdmin } from './identity/create-session-admin.ts';
import { createSessions, type SessionEnds } from './identity/create-sessions.ts';
import { createSignIn } from './identity/create-sign-in.ts';
import { createCompleteSummaries } from './inbox/complete-summaries.ts';
import { createInboxService } from './inbox/create-inbox-service.ts';
import type { ApiLog } from './log.ts';
import { createNoteService } from './notes/create-note-service.ts';
import { createNudgeService } from './nudges/create-nudge-service.ts';
import { createPasskeyService } from './passkeys/create-passkey-service.ts';
import { createPasskeyChallenges } from './passkeys/passkey-challenges.ts';
import { createRefusedAttempts } from './refused-attempts.ts';
import { createRunService } from './runs/create-run-service.ts';
import { createMendRun } from './runs/mend-run.ts';
import { createRunStarter } from './runs/run-starter.ts';
import type { TemporalPages } from './runs/run-view.ts';
import type { Services } from './services.ts';
import { createSteeringPump } from './steering/steering-pump.ts';
import { createBatchService } from './verdicts/create-batch-service.ts';
import { createGiveVerdict } from './verdicts/give-verdict.ts';
import { createReauthentication } from './verdicts/reauthentication.ts';
import { createStepUp } from './verdicts/step-up.ts';
import { createVerdictPump } from './verdicts/verdict-pump.ts';

export interface ServiceDependencies {
  readonly runs: RunStore;
  readonly mandates: MandateStore;
  readonly approvals: ApprovalStore;
  readonly approvalNotes: ApprovalNotes;
  readonly steering: SteeringStore;
  readonly inbox: ApprovalInbox;
  readonly ledger: Pick<EffectLedger, 'standing'>;
  readonly outbox: AuditOutbox;
  readonly blobs: BlobStore;
  readonly keys: KeyService & PublicKeys;
  readonly catalogue: Catalogue;
  readonly policy: PolicyPort;
  readonly argumentChecker: ArgumentChecker;
  readonly directory: Directory;
  readonly sessions: SessionStore;
  readonly escalations: EscalationStore;
  readonly nudges: Pick<NudgeStore, 'standing'>;
  readonly people: PersonStore;
  readonly signIns: SignInStore;
  /** Undefined: development identities. */
  readonly signInProvider?: SignInProvider;
  /** Undefined: a fresh sign-in is no step-up. */
  readonly reauthentication?: {
    readonly provider: ReauthenticationProvider;
    readonly verifier: ReauthenticationVerifier;
  };
  readonly delegations: DelegationStore;
  readonly passkeys: PasskeyStore;
  readonly passkeyChallenges: PasskeyChallengeStore;
  readonly passkeyVerifier: PasskeyVerifier;
  readonly tokens: TokenVerifier;
  readonly engine: RunEngine;
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly settings: {
    /** True where browsers reach the site over https. */
    readonly secure: boolean;
    /** Where people reach the site; asked when it is needed, since a free port is known late. */
    readonly publicUrl: () => URL;
    /** True only in embedded mode on loopback. */
    readonly developmentLogin: boolean;
    readonly sessionEnds?: SessionEnds;
    /** Milliseconds after which the provider is asked again about a person whose session is in use. */
    readonly refreshAfterMs?: number;
    readonly temporal: TemporalPages;
  };
}

export interface RunningServices extends Services {
  /** Starts what works on its own: the sweep over admitted runs and the pumps for verdicts, steering and escalation. */
  begin(): void;
  /** Resolves when nothing of it is at work any more. */
  stop(): Promise<void>;
}

export function createServices(dependencies: ServiceDependencies): RunningServices {
  const { directory, outbox, clock, log, settings, tokens } = dependencies;
  const { secure, publicUrl, developmentLogin, sessionEnds, temporal } = settings;
  const sessionParts = {
    rows: dependencies.sessions,
    clock,
    ...(sessionEnds !== undefined && { ends: sessionEnds }),
  };
  const { signInProvider: provider } = dependencies;
  const keeper = provider && createPeopleKeeper({ ...dependencies, provider, refreshAfterMs: settings.refreshAfterMs });
  const sessions = createSessions({
    ...sessionParts,
    directory,
    secure,
    developmentLogin,
    ...(keeper && { noticeUse: keeper.noticeUse }),
  });
  const mend = createMendRun(dependencies);
  const starter = createRunStarter({ ...dependencies, mend });
  const pump = createVerdictPump({ ...dependencies, mendRun: mend.mendById });
  const steeringPump = createSteeringPump({ ...dependencies, mendRun: mend.mendById });
  const escalationPump = createEscalationPump({ escalations: dependencies.escalations, clock, log });
  const refusedAttempts = createRefusedAttempts({ outbox, clock, log });
  const complete = createCompleteSummaries(dependencies);
  const challenges = createPasskeyChallenges({ rows: dependencies.passkeyChallenges, clock });
  const passkeyParts = { ...dependencies, challenges, relyingParty: () => relyingPartyAt(publicUrl()) };
  const stepUp = createStepUp(passkeyParts);
  const lentRights = createLentRights(dependencies);
  const verdictParts = { ...dependencies, pump, refusedAttempts, stepUp, lentRights };
  const reauthentication =
    dependencies.reauthentication &&
    createReauthentication({
      ...verdictParts,
      ...dependencies.reauthentication,
      give: createGiveVerdict(verdictParts),
      secure,
    });
  const approvals = createApprovalService({ ...verdictParts, complete, reauthentication });
  return {
    runs: createRunService({ ...dependencies, starter, mend, temporal, steeringPump, refusedAttempts }),
    approvals,
    batches: createBatchService({ approvals, verdicts: dependencies.approvals, log }),
    notes: createNoteService(dependencies),
    inbox: createInboxService({ ...dependencies, complete, lentRights }),
    sessions,
    sessionAdmin: createSessionAdmin(sessionParts),
    passkeys: createPasskeyService(passkeyParts),
    delegations: createDelegationService(dependencies),
    nudges: createNudgeService(dependencies),
    publicKeys: () => publicKeysView(dependencies.keys),
    signIn: provider && createSignIn({ ...dependencies, provider, sessions, secure }),
    reauthentication,
    nameOf: (subject) => directory.nameOf(subject),
    authentication: createAuthentication({ tokens, directory, sessions }),
    begin() {
      starter.begin();
      pump.begin();
      steeringPump.begin();
      escalationPump.begin();
    },
    async stop() {
      await Promise.all([starter.stop(), pump.stop(), steeringPump.stop(), escalationPump.stop(), keeper?.stop()]);
    },
  };
}

function relyingPartyAt({ hostname, origin }: URL): RelyingParty {
  return { rpId: hostname, origin };
}
