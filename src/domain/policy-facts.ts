import type { RiskTier } from './action.ts';
import type { JsonObject } from './json.ts';

/** What policy may rely on for every action: fetched by whoever enforces it, never taken from model or tool output. */
interface CommonFacts {
  readonly tenant: string;
  /** `owner` is the group that owns the agent. */
  readonly agent: { readonly name: string; readonly version: number; readonly owner: string };
  readonly run: {
    /** Model calls so far. */
    readonly steps: number;
    /** Effects reserved so far, this one not counted. */
    readonly toolCalls: number;
  };
  /** From verified verdicts that are bound to this action's digest; see `noApproval`. */
  readonly approval: { readonly granted: boolean; readonly approvers: readonly string[] };
  /** From the admission ticket. */
  readonly initiator: { readonly id: string; readonly kind: 'person' | 'service' };
  /** Milliseconds since the epoch; policy sees whole seconds. */
  readonly nowMs: number;
  /** Subject in whose name the run acts. */
  readonly onBehalfOf: string;
  readonly risk: RiskTier;
}

export interface ToolCallFacts extends CommonFacts {
  readonly kind: 'tool-call';
  readonly tool: { readonly server: string; readonly name: string; readonly effect: 'read' | 'write' | 'irreversible' };
  /** The resolved arguments that will be sent. */
  readonly args: JsonObject;
  /** One entry for each relation in the tool's manifest, from the operator's records. One missing: the action is denied. */
  readonly facts: Readonly<Record<string, boolean>>;
  /** Counts of this tool in the sealed mandate and the ledger. */
  readonly mandate: { readonly maxCalls: number; readonly callsLeft: number };
}

export interface AnswerFacts extends CommonFacts {
  readonly kind: 'answer';
  readonly text: string;
}

export type ActionFacts = ToolCallFacts | AnswerFacts;

/** What the API knows when somebody asks to start a run. */
export interface StartRunFacts {
  readonly initiator: {
    readonly id: string;
    readonly kind: 'person' | 'service';
    readonly tenant: string;
    readonly roles: readonly string[];
    readonly groups: readonly string[];
    readonly acr: string;
  };
  readonly agent: { readonly name: string; readonly version: number; readonly owner: string };
  /** Tenant that the run would belong to. */
  readonly tenant: string;
  readonly taskAuthority: 'principal' | 'data';
  readonly nowMs: number;
}

/** Nobody has approved, or nobody was asked. */
export const noApproval: CommonFacts['approval'] = { granted: false, approvers: [] };
