import type { Principal } from '../api/principal.ts';
import type { RunService } from '../api/services.ts';
import type { TimelineItem } from '../contracts/http/timeline.schema.ts';
import type { CalledModel } from './parts/badge.ts';

/** What an approver wants to know of the run beside the action: the task, the plan's words, the model. */
export interface RunBackground {
  readonly task?: string;
  /** The model's own words. */
  readonly rationale?: string;
  readonly model?: CalledModel;
}

/** The task, the plan and the model calls of the run, and nothing of its actions. */
export async function readBackground(runs: RunService, principal: Principal, runId: string): Promise<RunBackground> {
  return backgroundIn(await runs.runTimeline(principal, runId, 0, ['run-started', 'mandate-frozen', 'model-called']));
}

export function backgroundIn(items: readonly TimelineItem[]): RunBackground {
  const started = items.find((item) => item.event === 'run-started');
  const mandate = items.find((item) => item.event === 'mandate-frozen');
  const called = items.findLast((item) => item.event === 'model-called');
  return {
    ...(started === undefined || started.task === '' ? {} : { task: started.task }),
    ...(mandate === undefined || mandate.rationale === '' ? {} : { rationale: mandate.rationale }),
    ...(called === undefined || called.model === ''
      ? {}
      : { model: { model: called.model, rehearsal: called.rehearsal } }),
  };
}
