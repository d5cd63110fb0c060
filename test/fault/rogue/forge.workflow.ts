import { proxyActivities } from '@temporalio/workflow';
import type { RunActivities } from '../../../src/contracts/run-activities.ts';

/** What anybody who can write to the namespace may schedule on any queue, with any request. */
export async function forge(taskQueue: string, activity: keyof RunActivities, request: unknown): Promise<unknown> {
  const activities = proxyActivities<Record<keyof RunActivities, (request: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
  });
  return activities[activity](request);
}
