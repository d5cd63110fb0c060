import { editDigest } from '../src/digest/edits.ts';
import type { ActionEnvelope } from '../src/domain/action.ts';
import type { EditVerdict } from '../src/domain/approval.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Decision } from '../src/domain/decision.ts';
import { isJsonObject } from '../src/domain/json.ts';
import { parseBlobRef } from '../src/ports/blob-store.port.ts';
import type { AgentsDeps } from './activity-deps.ts';
import { candidateOf, type Decide, type DecisionBasis, toolOfEnvelope } from './decide-action.ts';
import { envelopeOf } from './envelope-of.ts';

/** A new action in the place of the old one, and the question about it. */
export interface EditedQuestion {
  readonly envelope: ActionEnvelope;
  readonly decision: Extract<Decision, { kind: 'ask' }>;
}

/**
 * A signed edit → what policy says of the action that it makes. The arguments are those that were signed, or nothing is
 * decided; that nobody is asked about them never comes out, since decisions know what people wrote.
 */
export async function decideEdit(
  deps: AgentsDeps,
  decide: Decide,
  basis: Omit<DecisionBasis, 'approvers'>,
  old: ActionEnvelope,
  { approvalId, verdictId, approver, edit }: EditVerdict,
): Promise<({ readonly kind: 'ask' } & EditedQuestion) | Extract<Decision, { kind: 'deny' }>> {
  const args = await deps.blobs.get(basis.run.tenant, 'edit', parseBlobRef(edit.argsRef));
  if (!isJsonObject(args) || editDigest(old.tool, args) !== edit.digest || edit.callId !== old.callId)
    throw new CountersignError('digest-conflict');
  const tool = toolOfEnvelope(deps, old.tool);
  const candidate = candidateOf({ kind: old.kind, args }, tool, old.tool);
  const decided = await decide(candidate, { ...basis, approvers: [] });
  const { decision } = decided;
  switch (decision.kind) {
    case 'deny':
      return decision;
    case 'allow':
      throw new CountersignError('internal', { message: 'An edit was decided as if nobody had made it.' });
    case 'ask': {
      const edited = { approvalId, verdictId, by: approver, before: old.args };
      return { kind: 'ask', decision, envelope: envelopeOf(deps, basis, old.callId, candidate, decided, edited) };
    }
    default:
      return assertNever(decision);
  }
}
