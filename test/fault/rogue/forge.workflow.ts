import { proxyActivities } from '@temporalio/workflow';

/** What anybody who can write to the namespace may schedule on any queue, with any request. */
export async function forge(taskQueue: string, request: unknown): Promise<unknown> {
  const { performAction } = proxyActivities<{ performAction(request: unknown): Promise<unknown> }>({
    taskQueue,
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
  });
  return performAction(request);
}
