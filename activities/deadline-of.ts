import { durationMs } from '../src/domain/duration.ts';
import type { AdmittedRun } from './admitted-run.ts';

/** When the wall time of a run is over, ISO 8601; counted from its admission, so a restart does not stretch it. */
export function deadlineOf({ ticket, agent }: AdmittedRun): string {
  return new Date(Date.parse(ticket.issuedAt) + durationMs(agent.manifest.limits.wallTime)).toISOString();
}
