import type { ApprovalStore } from '../src/ports/approval-store.port.ts';
import type { ArgumentChecker } from '../src/ports/argument-checker.port.ts';
import type { AuditOutbox } from '../src/ports/audit-outbox.port.ts';
import type { BlobStore } from '../src/ports/blob-store.port.ts';
import type { Catalogue } from '../src/ports/catalogue.port.ts';
import type { Clock } from '../src/ports/clock.port.ts';
import type { DelegationStore } from '../src/ports/delegation-store.port.ts';
import type { Directory } from '../src/ports/directory.port.ts';
import type { EffectLedger } from '../src/ports/effect-ledger.port.ts';
import type { KeyService } from '../src/ports/key-service.port.ts';
import type { ModelPort } from '../src/ports/model.port.ts';
import type { PasskeyStore } from '../src/ports/passkey-store.port.ts';
import type { PasskeyVerifier } from '../src/ports/passkey-verifier.port.ts';
import type { PolicyPort } from '../src/ports/policy.port.ts';
import type { ReauthenticationVerifier } from '../src/ports/reauthentication-verifier.port.ts';
import type { MandateStore, RunStore, TurnJournal } from '../src/ports/run-store.port.ts';
import type { SteeringStore } from '../src/ports/steering-store.port.ts';
import type { ToolPort } from '../src/ports/tool.port.ts';

/** What every worker needs to believe nobody: records, keys to verify them with, and policy. */
export interface DecisionDeps {
  readonly runs: RunStore;
  readonly mandates: MandateStore;
  readonly ledger: EffectLedger;
  readonly approvals: ApprovalStore;
  readonly steering: SteeringStore;
  readonly delegations: Pick<DelegationStore, 'find'>;
  readonly passkeys: Pick<PasskeyStore, 'find'>;
  readonly passkeyVerifier: Pick<PasskeyVerifier, 'verifyAssertion'>;
  readonly reauthentication: ReauthenticationVerifier;
  readonly outbox: AuditOutbox;
  readonly blobs: BlobStore;
  readonly keys: KeyService;
  readonly catalogue: Catalogue;
  readonly policy: PolicyPort;
  readonly directory: Directory;
  readonly argumentChecker: ArgumentChecker;
  /** Reads the operator's records for relations, and what servers announce. */
  readonly tools: ToolPort;
  readonly clock: Clock;
}

export interface AgentsDeps extends DecisionDeps {
  readonly settings: {
    readonly queues: { readonly inference: string; readonly effects: string };
    readonly turnsPerExecution: number;
  };
  readonly describeModel: (alias: string) => ModelPort['description'];
}

export interface InferenceDeps extends DecisionDeps {
  readonly journal: TurnJournal;
  /** The model behind an alias; fails with `model-request-invalid` when there is none. */
  readonly model: (alias: string) => ModelPort;
}

export type EffectsDeps = DecisionDeps;
