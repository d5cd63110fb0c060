import { assertNever } from '../../domain/assert-never.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { type ApprovalStore, withdrawApprovals } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { RunEngine } from '../../ports/run-engine.port.ts';
import type { RunRow, RunStore } from '../../ports/run-store.port.ts';

export interface MendRun {
  /** The workflow of an admitted run, unless it has one. Fails with `unavailable`. */
  start(row: RunRow): Promise<'started' | 'exists'>;
  /** Makes row and workflow agree. `sound`: they did. */
  mend(row: RunRow): Promise<'sound' | 'started' | 'closed'>;
  mendById(tenant: string, runId: string): Promise<void>;
}

export interface MendDependencies {
  readonly runs: RunStore;
  readonly approvals: ApprovalStore;
  readonly engine: RunEngine;
  readonly clock: Clock;
}

const endedOutside = {
  code: 'internal',
  message: 'The workflow ended without closing the run: it was terminated, or it failed. The Temporal UI shows which.',
} as const;

/** What a crash between row and workflow, or an operator in the Temporal UI, leaves behind. */
export function createMendRun({ runs, approvals, engine, clock }: MendDependencies): MendRun {
  const start = ({ tenant, runId, agent, agentVersion }: RunRow) =>
    engine.start({ tenant, runId, agent, agentVersion });

  async function mend(row: RunRow): Promise<'sound' | 'started' | 'closed'> {
    if (row.closed) return 'sound';
    const state = await engine.describe(row.tenant, row.runId);
    switch (state) {
      case 'open':
        return 'sound';
      case 'absent':
        return (await start(row)) === 'started' ? 'started' : 'sound';
      case 'closed':
        return closeAbandoned(row);
      default:
        return assertNever(state);
    }
  }

  /** The run closes its row before its workflow ends: an open row behind an ended workflow is nobody's any more. */
  async function closeAbandoned({ tenant, runId }: RunRow): Promise<'sound' | 'closed'> {
    if ((await runs.find(tenant, runId))?.closed) return 'sound';
    const at = isoTime(clock);
    await withdrawApprovals(approvals, { tenant, runId }, at);
    const end = { state: 'failed', failure: endedOutside } as const;
    await runs.close(tenant, runId, { ...end, at }, recordOf('run-closed', { tenant, runId }, 'end', at, end));
    return 'closed';
  }

  return {
    start,
    mend,
    async mendById(tenant, runId) {
      const row = await runs.find(tenant, runId);
      if (row !== undefined) await mend(row);
    },
  };
}
