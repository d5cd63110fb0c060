import type { ErrorCode } from './error-registry.ts';

/** What people must do before an `ask` may become an allow: merged over every rule that asked. */
export interface ApprovalRequirement {
  /** How many different people. */
  readonly quorum: number;
  /** Any of these roles counts. */
  readonly roles: readonly string[];
  /** Seconds until silence becomes a rejection. */
  readonly ttlSeconds: number;
  readonly stepUp: boolean;
  /** Who is asked besides while nobody has decided, by time and each role once; absent where nobody is. */
  readonly widen?: readonly EscalationRung[];
  /** Seconds after the opening when people are reminded; absent: the share of the time that the operator has set. */
  readonly remindSeconds?: number;
}

/** The next roles to be asked. */
export interface EscalationRung {
  /** Seconds after the opening. */
  readonly afterSeconds: number;
  readonly roles: readonly string[];
}

/** A rule that took part in a decision, and its own sentence for the reader. */
export interface Reason {
  readonly rule: string;
  readonly message: string;
}

/** Codes with which an action can be refused without being executed; a subset that the model is shown. */
export type RefusalCode = Extract<
  ErrorCode,
  'denied' | 'rejected' | 'expired' | 'held' | 'budget-exceeded' | 'invalid-arguments' | 'tool-failed' | 'in-doubt'
>;

/** The PDP's answer as the engine uses it. `policyDigest` names the bundle that was in force. */
export type Decision =
  | { readonly kind: 'allow'; readonly policyDigest: string; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'ask';
      readonly policyDigest: string;
      readonly reasons: readonly Reason[];
      readonly requirement: ApprovalRequirement;
    }
  | {
      readonly kind: 'deny';
      readonly policyDigest: string;
      readonly reasons: readonly Reason[];
      readonly code: RefusalCode;
    };

/** What a refused action's result says to the model (contract: `{"error":{code,rule,message}}`). */
export interface Refusal {
  readonly code: RefusalCode;
  readonly rule: string;
  readonly message: string;
}

export function refusalOf(decision: Extract<Decision, { kind: 'deny' }>): Refusal {
  const [first] = decision.reasons;
  return {
    code: decision.code,
    rule: first?.rule ?? 'default-deny',
    message: decision.reasons.map((reason) => reason.message).join(' ') || 'No rule allows this.',
  };
}
