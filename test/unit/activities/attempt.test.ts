import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { attempt } from '../../../activities/attempt.ts';

const execution = (runId: string) => ({ workflowId: 'default/r1', runId });
const inRun = (runId: string, number: number, heartbeatDetails?: unknown) =>
  new MockActivityEnvironment({
    activityId: '7',
    attempt: number,
    workflowExecution: execution(runId),
    ...(heartbeatDetails === undefined ? {} : { heartbeatDetails }),
  });

async function reportOf(environment: MockActivityEnvironment): Promise<unknown> {
  const reports: unknown[] = [];
  environment.on('heartbeat', (details) => reports.push(details));
  await environment.run(() => attempt(async ({ reportNothingSent }) => reportNothingSent()));
  return reports.at(-1);
}

const believes = (environment: MockActivityEnvironment) =>
  environment.run(() => attempt(async ({ nothingSentBefore }) => nothingSentBefore));

describe('an attempt that reported that it sent nothing', () => {
  test('is believed by the next one of the same activity', async () => {
    const report = await reportOf(inRun('first', 1));
    expect(await believes(inRun('first', 2, report))).toBe(true);
  });

  test('is not believed by another activity, where somebody may have replayed it', async () => {
    const report = await reportOf(inRun('first', 1));
    expect(await believes(inRun('second', 2, report))).toBe(false);
  });
});
