/** The run's frozen authority, compiled by code from the planning call; sealed by the worker that compiled it. */
export interface Mandate {
  readonly tools: readonly MandateTool[];
  readonly budget: MandateBudget;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly rationale: string;
}

export interface MandateTool {
  /** `server.tool`. */
  readonly name: string;
  /** Executed calls; refused ones spend nothing. */
  readonly maxCalls: number;
}

export interface MandateBudget {
  /** Model calls. */
  readonly steps: number;
  readonly toolCalls: number;
  /** Input and output tokens together. */
  readonly tokens: number;
  readonly costMicroUsd: number;
}

/** What a run has used so far; grows only, and survives resets because it is counted in SQL. */
export interface Spent {
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
}

export const nothingSpent: Spent = { modelCalls: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };

export function maxCallsOf(mandate: Mandate, tool: string): number {
  return mandate.tools.find((entry) => entry.name === tool)?.maxCalls ?? 0;
}

/** The first budget that is used up, by its name in agent.yaml, or nothing. */
export function exhaustedBudget(budget: MandateBudget, spent: Spent): 'tokens' | 'costUsd' | 'toolCalls' | undefined {
  if (spent.inputTokens + spent.outputTokens >= budget.tokens) return 'tokens';
  if (budget.costMicroUsd > 0 && spent.costMicroUsd >= budget.costMicroUsd) return 'costUsd';
  if (spent.toolCalls > budget.toolCalls) return 'toolCalls';
  return undefined;
}
