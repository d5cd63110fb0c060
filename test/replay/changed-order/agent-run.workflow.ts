import type { RunKey } from '../../../src/contracts/run-activities.ts';
import { closeRun, resolveAgent } from '../../../workflows/activities.ts';

/** What somebody might write who does not know that a run's history outlives a release: another order. */
export async function agentRun(start: RunKey): Promise<void> {
  const run: RunKey = { tenant: start.tenant, runId: start.runId };
  await closeRun({ run, state: 'completed' });
  await resolveAgent(run);
}
