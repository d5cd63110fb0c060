import type { AgentManifest } from '../src/contracts/agent.schema.ts';
import type { DeclaredMandate } from '../src/contracts/declared-mandate.schema.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Mandate, MandateTool } from '../src/domain/mandate.ts';

/** `server.tool` ↔ `server__tool`, the form that models accept. */
export function offeredName(qualified: string): string {
  return qualified.replace('.', '__');
}

/**
 * What was declared, cut down to the agent's ceiling: unknown tools are dropped, counts and budgets capped.
 * The drafter may be greedy, so nothing declared can widen anything. Fails with `mandate-invalid` when nothing is left.
 */
export function compileMandate(declared: DeclaredMandate, manifest: AgentManifest, deadline: string): Mandate {
  const { limits } = manifest;
  const counts = new Map<string, number>();
  for (const { name, maxCalls } of declared.tools) {
    const qualified = manifest.tools.find((tool) => name === tool || name === offeredName(tool));
    if (qualified === undefined) continue;
    counts.set(qualified, Math.min(limits.toolCalls, Math.max(maxCalls, counts.get(qualified) ?? 0)));
  }
  if (counts.size === 0 && declared.tools.length > 0) throw new CountersignError('mandate-invalid');
  const tools: MandateTool[] = [...counts].map(([name, maxCalls]) => ({ name, maxCalls }));
  return {
    tools: tools.sort((left, right) => (left.name < right.name ? -1 : 1)),
    budget: {
      steps: Math.min(limits.steps, declared.budget?.steps ?? limits.steps),
      toolCalls: Math.min(limits.toolCalls, declared.budget?.toolCalls ?? limits.toolCalls),
      tokens: limits.tokens,
      costMicroUsd: Math.round(limits.costUsd * 1_000_000),
    },
    expiresAt: earlier(declared.expiresAt, deadline),
    rationale: declared.rationale ?? '',
  };
}

/** In the one form whose order as text is the order in time; a model writes as many digits as it likes. */
function earlier(declared: string | undefined, deadline: string): string {
  if (declared === undefined) return deadline;
  const end = new Date(declared).toISOString();
  return end < deadline ? end : deadline;
}
