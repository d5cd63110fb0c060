import type { OpenApprovalRequest, OpenedApproval } from '../src/contracts/run-activities.ts';
import { digestOf, digestOfText } from '../src/digest/digest.ts';
import type { RecordFacts } from '../src/domain/action-sheet.ts';
import { summaryOf } from '../src/domain/approval-summary.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { JsonObject } from '../src/domain/json.ts';
import { parseBlobRef } from '../src/ports/blob-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import { sheetOf } from './action-sheet-of.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import { toolOfEnvelope } from './decide-action.ts';
import { storedEnvelope } from './stored-envelope.ts';

/** Opens the question to people. What they will see is built from stored bytes and must hash to what the envelope says. */
export function createOpenApproval(deps: AgentsDeps, admittedRuns: AdmittedRuns) {
  return async ({ run, action, decision }: OpenApprovalRequest): Promise<OpenedApproval> => {
    const { ticket, agent } = await admittedRuns.admitted(run);
    const envelope = await storedEnvelope(deps.blobs, run, action);
    const candidate = { kind: envelope.kind, tool: toolOfEnvelope(deps, envelope.tool), args: envelope.args };
    const recorded = envelope.preconditions as object as RecordFacts;
    const shown = sheetOf(ticket, candidate, decision.reasons, recorded);
    const sheet = shown as object as JsonObject;
    if (digestOf('render', sheet) !== envelope.renderHash) throw new CountersignError('digest-conflict');
    const approvalId = approvalIdOf(action.key, action.actionDigest);
    const at = isoTime(deps.clock);
    const row = await deps.approvals.open(
      {
        approvalId,
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
      },
      actionRecords(run, action, at).approvalOpened(approvalId, envelope.expiresAt),
      summaryOf(shown),
    );
    const opened = { approvalId: row.approvalId, expiresAt: row.expiresAt };
    return row.state === 'pending' ? opened : { ...opened, closed: true };
  };
}

/** The same question has the same id, whoever asks it again. */
function approvalIdOf(key: string, actionDigest: string): string {
  return `apr_${digestOfText('content', `${key}\0${actionDigest}`).slice('sha256:'.length, 'sha256:'.length + 32)}`;
}
