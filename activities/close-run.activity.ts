import type { CloseRequest, RefusedSignal, RunKey } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import { withdrawApprovals } from '../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../src/ports/blob-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { actionRecords } from './action-records.ts';
import type { AgentsDeps } from './activity-deps.ts';
import { answerTool } from './decide-action.ts';
import { recordForgedSteering } from './hear-principal.ts';

/**
 * Leaves nothing open behind a run that ends: questions are withdrawn, reservations without an outcome are in doubt.
 * Reservations are looked at again after the close, since only then nothing new can be reserved.
 */
export function createCloseRun(deps: AgentsDeps) {
  return async ({ run, state, failure, outputRef, claimed }: CloseRequest): Promise<void> => {
    // a workflow that somebody started beside the API has no row, and nothing that could be closed
    if ((await deps.runs.find(run.tenant, run.runId)) === undefined) return;
    if (outputRef !== undefined && !(await isAnswerOf(deps, run, outputRef)))
      throw new CountersignError('digest-conflict');
    await recordForgedSteering(deps, run, claimed);
    const at = isoTime(deps.clock);
    await withdrawApprovals(deps.approvals, run, at);
    await settleReservations(deps, run, at);
    const end = {
      state,
      ...(failure === undefined ? {} : { failure }),
      ...(outputRef === undefined ? {} : { outputRef: parseBlobRef(outputRef) }),
    };
    await deps.runs.close(run.tenant, run.runId, { ...end, at }, recordOf('run-closed', run, 'end', at, end));
    await settleReservations(deps, run, at);
  };
}

/** The answer is an effect: what nobody decided, or what another run said, is no output of this one. */
async function isAnswerOf({ ledger }: AgentsDeps, run: RunKey, outputRef: string): Promise<boolean> {
  const rows = await ledger.ofRun(run.tenant, run.runId);
  return rows.some((row) => row.tool === answerTool && row.state === 'landed' && row.outcomeRef === outputRef);
}

async function settleReservations(deps: AgentsDeps, run: RunKey, at: string): Promise<void> {
  for (const row of await deps.ledger.ofRun(run.tenant, run.runId)) {
    if (row.state !== 'reserved') continue;
    const action = {
      callId: row.key.split('/').at(-1) ?? '',
      tool: row.tool,
      envelopeRef: '',
      actionDigest: row.actionDigest,
    };
    const records = actionRecords(run, action as ActionReference, at);
    await deps.ledger.inDoubt(row.key, at, [records.inDoubt('the run closed before the outcome was known')]);
  }
}

/** What was sent to a run and refused without being looked at: undecodable, malformed, replayed, strayed. */
export function createRecordRefusedSignals(deps: AgentsDeps) {
  return async (request: {
    readonly run: RunKey;
    readonly temporalRunId: string;
    readonly sequence: number;
    readonly refused: readonly RefusedSignal[];
  }): Promise<void> => {
    const { run, temporalRunId, sequence, refused } = request;
    const at = isoTime(deps.clock);
    await deps.outbox.append(
      refused.map((signal) =>
        recordOf('signal-refused', run, `${temporalRunId}/${sequence}/${signal.reason}`, at, {
          reason: signal.reason,
          count: signal.count,
        }),
      ),
    );
  };
}
