import type { RunKey } from '../src/contracts/run-activities.ts';
import { editsThatWrote } from '../src/digest/edits.ts';
import type { EditVerdict } from '../src/domain/approval.ts';
import type { ApprovalRequirement, Decision } from '../src/domain/decision.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { DecisionDeps } from './activity-deps.ts';

/**
 * What a person wrote always needs somebody else, even where policy would allow it without asking: by the rules of the
 * question at which he wrote it. Signatures say what people wrote, so it holds for every call of the run.
 */
export async function askAboutEdit<Decided extends { readonly decision: Decision }>(
  deps: Pick<DecisionDeps, 'approvals' | 'keys'>,
  { run }: { readonly run: RunKey },
  tool: string,
  args: JsonObject,
  decided: Decided,
): Promise<Decided> {
  const requirement = strictest(await editsThatWrote(deps, run, tool, args));
  if (requirement === undefined) return decided;
  const { policyDigest } = decided.decision;
  return { ...decided, decision: { kind: 'ask', policyDigest, reasons: [editedReason], requirement } };
}

const editedReason = {
  rule: 'edited-by-a-person',
  message: 'A person changed the arguments, so somebody else has to approve them.',
};

/** Of the last edit, but never fewer people or less proof than an earlier one asked for. */
function strictest(edits: readonly EditVerdict[]): ApprovalRequirement | undefined {
  const all = edits.map(({ edit }) => edit.requirement);
  const last = all.at(-1);
  if (last === undefined) return undefined;
  return {
    ...last,
    quorum: Math.max(1, ...all.map(({ quorum }) => quorum)),
    stepUp: all.some(({ stepUp }) => stepUp),
  };
}
