import { storedEnvelopeSchema } from '../src/contracts/http/stored-action.schema.ts';
import type { RunKey } from '../src/contracts/run-activities.ts';
import { canonicalJson } from '../src/digest/canonical-json.ts';
import { digestOf } from '../src/digest/digest.ts';
import { editsThatWrote } from '../src/digest/edits.ts';
import type { ActionEnvelope, EditedAction } from '../src/domain/action.ts';
import type { EditVerdict } from '../src/domain/approval.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { DecisionDeps } from './activity-deps.ts';

/**
 * Refuses an envelope that hides that a person wrote its arguments for this call, or that says so of somebody who did
 * not, or of other arguments before. Approvers were shown what it says; only a forger says anything else, so it fails
 * with `digest-conflict`. The edit that it names, where it names one.
 */
export async function refuseForeignEdit(
  deps: Pick<DecisionDeps, 'approvals' | 'blobs' | 'keys'>,
  run: RunKey,
  envelope: ActionEnvelope,
): Promise<EditVerdict | undefined> {
  const written = await editsThatWrote(deps, run, envelope.tool, envelope.args);
  const here = written.filter(({ edit }) => edit.callId === envelope.callId);
  const { edited } = envelope;
  if (edited === undefined) {
    if (here.length > 0) throw new CountersignError('digest-conflict');
    return undefined;
  }
  const verdict = here.find(({ verdictId }) => verdictId === edited.verdictId);
  if (verdict === undefined || verdict.approver !== edited.by || verdict.approvalId !== edited.approvalId)
    throw new CountersignError('digest-conflict');
  if (!(await isBefore(deps, run, edited, verdict))) throw new CountersignError('digest-conflict');
  return verdict;
}

/** Whether the arguments before are those that the editor looked at: the digest of that action is in his signature. */
async function isBefore(
  { approvals, blobs }: Pick<DecisionDeps, 'approvals' | 'blobs'>,
  run: RunKey,
  { approvalId, before }: EditedAction,
  { actionDigest }: EditVerdict,
): Promise<boolean> {
  const row = await approvals.find(run.tenant, approvalId);
  if (row === undefined) return false;
  const content = await blobs.get(run.tenant, 'envelope', row.envelopeRef);
  if (digestOf('action', content) !== actionDigest) return false;
  const earlier = storedEnvelopeSchema.safeParse(content);
  return earlier.success && canonicalJson(earlier.data.args) === canonicalJson(before);
}
