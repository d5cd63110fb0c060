import type { NativeConnection } from '@temporalio/worker';
import { type DataConverter, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { RunActivities } from '../contracts/run-activities.ts';

export interface WorkerPlan {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: DataConverter;
  /** Without workflow code this worker runs activities only. */
  readonly workflows?: WorkflowBundleOption;
  readonly activities: Partial<RunActivities>;
}

export interface RunningWorker {
  /** Rejects when the worker dies of itself. */
  readonly ended: Promise<void>;
  /** Lets activities under way finish, for the grace time at most. */
  stop(): Promise<void>;
}

/** Tuned so that a run goes on within seconds after its worker was killed; see docs/adr on worker settings. */
export async function startWorker({ workflows, ...plan }: WorkerPlan): Promise<RunningWorker> {
  const worker = await Worker.create({
    ...plan,
    activities: plan.activities,
    ...(workflows === undefined ? {} : { workflowBundle: workflows }),
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 100,
    maxConcurrentWorkflowTaskExecutions: 40,
    shutdownGraceTime: '5s',
    shutdownForceTime: '10s',
  });
  const ended = worker.run();
  // whoever stops it waits for it; until then a failure must not become an unhandled rejection
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended.catch(() => undefined);
    },
  };
}
