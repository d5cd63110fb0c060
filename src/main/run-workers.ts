import type { DataConverter } from '@temporalio/common';
import { NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { ActivitiesByRole } from './compose-activities.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';

export interface WorkersPlan {
  readonly address: string;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  readonly workflows: WorkflowBundleOption;
  readonly activities: ActivitiesByRole;
  /** The same name thrice is one worker, whose activities start without a detour over the server. */
  readonly queues: { readonly agents: string; readonly inference: string; readonly effects: string };
}

/** Workers for every role in this process: one worker a task queue. */
export async function runWorkers(plan: WorkersPlan): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: plan.address });
  const { agents, inference, effects } = plan.queues;
  const common = { connection, namespace: plan.namespace, dataConverter: plan.dataConverter };
  const byQueue = new Map<string, ActivitiesByRole[keyof ActivitiesByRole]>();
  for (const [queue, activities] of [
    [agents, plan.activities.agents],
    [inference, plan.activities.inference],
    [effects, plan.activities.effects],
  ] as const) {
    byQueue.set(queue, { ...byQueue.get(queue), ...activities });
  }
  const workers: RunningWorker[] = [];
  for (const [taskQueue, activities] of byQueue) {
    workers.push(
      await startWorker({
        ...common,
        taskQueue,
        activities,
        ...(taskQueue === agents ? { workflows: plan.workflows } : {}),
      }),
    );
  }
  return {
    ended: Promise.race(workers.map((worker) => worker.ended)),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await connection.close();
    },
  };
}
