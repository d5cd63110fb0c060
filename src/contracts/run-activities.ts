import type { ActionReference, RiskTier } from '../domain/action.ts';
import type { Decision, Refusal } from '../domain/decision.ts';
import type { Mandate, Spent } from '../domain/mandate.ts';
import type { ClosedRunState, RunFailure } from '../domain/run.ts';

/** Names a run; everything else of it is fetched by whoever needs it, from records that a workflow cannot write. */
export interface RunKey {
  readonly tenant: string;
  readonly runId: string;
}

/** What a run is pinned to, from its first moment to its last. */
export interface ResolvedRun {
  readonly agent: string;
  readonly agentVersion: number;
  readonly manifestDigest: string;
  readonly promptDigest: string;
  /** Pins of the agent's tools as announced at the start. */
  readonly toolPins: Readonly<Record<string, string>>;
  readonly model: { readonly id: string; readonly rehearsal: boolean };
  /** Of the riskiest tool that the agent may ever use. */
  readonly risk: RiskTier;
  readonly steps: number;
  /** ISO 8601; the run fails with `wall-time-exhausted` after it. */
  readonly deadline: string;
  /** Task queues of the workers that hold credentials; configuration, pinned here so that a replay asks the same ones. */
  readonly queues: { readonly inference: string; readonly effects: string };
  /** Turns after which the run continues as new, whatever the server suggests. */
  readonly turnsPerExecution: number;
  /** Where the transcript begins: prompt and task. */
  readonly transcript: string;
}

/** One settled action, by reference, on its way into the transcript. */
export type ActionResult =
  | { readonly kind: 'landed'; readonly resultRef: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface SettledAction {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly result: ActionResult;
}

export interface InferRequest {
  readonly run: RunKey;
  readonly turn: number;
  /** Transcript head before the results. */
  readonly transcript: string;
  /** In the order in which they were proposed. */
  readonly results: readonly SettledAction[];
  /** Ids of the principal's messages that signals named; what is unknown among them is recorded. */
  readonly claimed?: readonly string[];
}

export interface ProposedAction {
  readonly action: ActionReference;
  readonly decision: Decision;
}

export interface InferOutcome {
  /** Transcript head with the results and the model's message. */
  readonly transcript: string;
  /** Actions in the order proposed; one of kind `answer` when the model is done. */
  readonly proposed: readonly ProposedAction[];
  /** Of the whole run, this call included. */
  readonly spent: Spent;
}

export interface PerformRequest {
  readonly run: RunKey;
  readonly action: ActionReference;
  readonly approvalId?: string;
}

/** An effect that policy has come to ask about is refused there: the model may propose it again, as a new action. */
export type PerformOutcome = ActionResult;

export interface OpenApprovalRequest {
  readonly run: RunKey;
  readonly action: ActionReference;
  readonly decision: Extract<Decision, { kind: 'ask' }>;
}

export interface OpenedApproval {
  readonly approvalId: string;
  /** Only where it was opened and closed before: a reset run asks again, and no signal will come. */
  readonly closed?: true;
  /** ISO 8601 */
  readonly expiresAt: string;
}

export interface SettleApprovalRequest {
  readonly run: RunKey;
  readonly action: ActionReference;
  readonly approvalId: string;
  /** Verdict ids that signals named since the last look; unknown ones are recorded as refused signals. */
  readonly claimed: readonly string[];
}

export type ApprovalOutcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved' }
  /** A person changed the arguments: another action, with the same key, about which somebody else is asked. */
  | ({ readonly kind: 'edited'; readonly action: ActionReference } & OpenedApproval)
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface RefusedSignal {
  /** `undecodable`, `malformed`, `unknown-approval`, `overflow`, `replayed`; with `steer-` before it for the other signal. */
  readonly reason: string;
  readonly count: number;
}

export interface CloseRequest {
  readonly run: RunKey;
  readonly state: ClosedRunState;
  readonly failure?: RunFailure;
  /** Blob reference of the answer's text. */
  readonly outputRef?: string;
  /** Ids of messages that signals named and no turn has looked for. */
  readonly claimed?: readonly string[];
}

/** Activities of `agentRun`, by the worker that holds what they need. */
export interface RunActivities {
  resolveAgent(run: RunKey): Promise<ResolvedRun>;
  freezeMandate(run: RunKey): Promise<Mandate>;
  infer(request: InferRequest): Promise<InferOutcome>;
  performAction(request: PerformRequest): Promise<PerformOutcome>;
  openApproval(request: OpenApprovalRequest): Promise<OpenedApproval>;
  /** Reads the stored verdicts, verifies them, moves the approval on, and evaluates policy again. */
  settleApproval(request: SettleApprovalRequest): Promise<ApprovalOutcome>;
  recordRefusedSignals(request: {
    readonly run: RunKey;
    readonly temporalRunId: string;
    readonly sequence: number;
    readonly refused: readonly RefusedSignal[];
  }): Promise<void>;
  /** Withdraws open approvals, settles what is left reserved as in doubt, and writes the closing record. */
  closeRun(request: CloseRequest): Promise<void>;
}
