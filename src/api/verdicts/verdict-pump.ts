import type { ApprovalStore, UnconsumedVerdict } from '../../ports/approval-store.port.ts';
import type { RunEngine } from '../../ports/run-engine.port.ts';
import { createHintPump, type HintPump, type HintPumpParts } from '../hints/hint-pump.ts';

export type VerdictPump = HintPump<UnconsumedVerdict>;

export interface VerdictPumpDependencies
  extends Pick<HintPumpParts<UnconsumedVerdict>, 'mendRun' | 'clock' | 'log' | 'everyMs'> {
  readonly approvals: Pick<ApprovalStore, 'unconsumed' | 'markSignalled'>;
  readonly engine: Pick<RunEngine, 'signalVerdict'>;
}

/** Tells runs of stored verdicts until their approvals are closed. */
export function createVerdictPump({
  approvals,
  engine,
  mendRun,
  clock,
  log,
  everyMs,
}: VerdictPumpDependencies): VerdictPump {
  return createHintPump({
    what: 'verdict',
    idOf: ({ verdictId }) => verdictId,
    factsOf: ({ runId, approvalId, verdictId }) => ({ runId, approvalId, verdictId }),
    waiting: (limit) => approvals.unconsumed(limit),
    signal: ({ tenant, runId, approvalId, verdictId }) =>
      engine.signalVerdict(tenant, runId, { approvalId, verdictId }),
    markSignalled: ({ verdictId }, at) => approvals.markSignalled(verdictId, at),
    mendRun,
    clock,
    log,
    everyMs,
  });
}
