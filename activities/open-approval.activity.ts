import type { OpenApprovalRequest, OpenedApproval } from '../src/contracts/run-activities.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import type { AgentsDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import { questionOf } from './question-of.ts';
import { storedEnvelope } from './stored-envelope.ts';

/** Opens the question to people. What they will see is built from stored bytes and must hash to what the envelope says. */
export function createOpenApproval(deps: AgentsDeps, admittedRuns: AdmittedRuns) {
  return async ({ run, action, decision }: OpenApprovalRequest): Promise<OpenedApproval> => {
    const admitted = await admittedRuns.admitted(run);
    const envelope = await storedEnvelope(deps.blobs, run, action);
    const at = isoTime(deps.clock);
    const { row: question, summary } = await questionOf(deps, { run, admitted, action, envelope, decision, at });
    const { approvalId, expiresAt } = question;
    const row = await deps.approvals.open(
      question,
      actionRecords(run, action, at).approvalOpened(approvalId, expiresAt),
      summary,
    );
    const opened = { approvalId: row.approvalId, expiresAt: row.expiresAt };
    return row.state === 'pending' ? opened : { ...opened, closed: true };
  };
}
