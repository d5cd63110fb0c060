import type { RunKey } from '../src/contracts/run-activities.ts';
import { digestOf, digestOfText } from '../src/digest/digest.ts';
import type { ActionEnvelope, ActionReference } from '../src/domain/action.ts';
import type { RecordFacts } from '../src/domain/action-sheet.ts';
import { type ApprovalSummary, summaryOf } from '../src/domain/approval-summary.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Decision } from '../src/domain/decision.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { ApprovalRow } from '../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../src/ports/blob-store.port.ts';
import { sheetOf } from './action-sheet-of.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRun } from './admitted-run.ts';
import { toolOfEnvelope } from './decide-action.ts';

/** A question to people as it is opened: its sheet is stored, and the row refers to it. */
export async function questionOf(
  deps: AgentsDeps,
  asked: {
    readonly run: RunKey;
    readonly admitted: AdmittedRun;
    readonly action: ActionReference;
    readonly envelope: ActionEnvelope;
    readonly decision: Extract<Decision, { kind: 'ask' }>;
    readonly at: string;
  },
): Promise<{ readonly row: ApprovalRow; readonly summary: ApprovalSummary }> {
  const { run, action, envelope, decision, at } = asked;
  const { ticket, agent } = asked.admitted;
  const { kind, args, edited } = envelope;
  const recorded = envelope.preconditions as object as RecordFacts;
  const tool = toolOfEnvelope(deps, envelope.tool);
  const shown = sheetOf(ticket, { kind, tool, args, edited }, decision.reasons, recorded);
  const sheet = shown as object as JsonObject;
  if (digestOf('render', sheet) !== envelope.renderHash) throw new CountersignError('digest-conflict');
  const row: ApprovalRow = {
    approvalId: approvalIdOf(action.key, action.actionDigest),
    ...run,
    agent: ticket.agent,
    callId: action.callId,
    kind: action.kind,
    tool: action.tool,
    state: 'pending',
    actionDigest: action.actionDigest,
    renderHash: envelope.renderHash,
    envelopeRef: parseBlobRef(action.envelopeRef),
    sheetRef: await deps.blobs.put(run.tenant, 'sheet', sheet),
    risk: envelope.risk,
    reasons: decision.reasons,
    requirement: decision.requirement,
    initiator: ticket.initiator,
    ownerGroup: agent.manifest.owner,
    createdAt: at,
    expiresAt: envelope.expiresAt,
    revision: 0,
  };
  return { row, summary: summaryOf(shown) };
}

/** The same question has the same id, whoever asks it again. */
function approvalIdOf(key: string, actionDigest: string): string {
  return `apr_${digestOfText('content', `${key}\0${actionDigest}`).slice('sha256:'.length, 'sha256:'.length + 32)}`;
}
