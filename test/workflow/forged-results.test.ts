import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const note = { name: 'note', effect: 'write', run: () => ({ noted: true }) } as const;

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

/** A run whose model thinks for ever, and the activity that waits for it. */
async function thinkingRun() {
  const at = await startGoverned({ tools: [note], script: scripted(mandate({ note: 1 }), [() => ({ kind: 'hang' })]) });
  governed = at;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'think' });
  const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
  const activityId = await eventually(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'infer')?.activityId ?? undefined;
  }, 'the model to be asked');
  return { at, initiator, activityId };
}

describe('a result that somebody else claims for an activity', () => {
  test('in plaintext ends the run instead of blocking it', async () => {
    const { at, initiator, activityId } = await thinkingRun();
    await at.temporal.workflowService.respondActivityTaskCompletedById({
      namespace: at.temporal.options.namespace,
      workflowId: `default/${at.runId}`,
      activityId,
      result: { payloads: [defaultPayloadConverter.toPayload({ transcript: 'blob:x', proposed: [] })] },
    });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'failed', failure: { code: 'undecodable' } });
    expect(at.server.calls).toEqual([]);
  });

  test('taken from another activity ends the run instead of blocking it', async () => {
    const { at, initiator, activityId } = await thinkingRun();
    await at.temporal.activity.complete(
      { workflowId: `default/${at.runId}`, activityId },
      { kind: 'landed', resultRef: 'blob:x' },
    );
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'failed', failure: { code: 'undecodable' } });
  });
});

test('a workflow that somebody starts with what is not ours is over at once', async () => {
  const at = await startGoverned({
    tools: [note],
    script: scripted(mandate({ note: 1 }), [call('desk__note', {}), say('')]),
  });
  governed = at;
  for (const args of [[{}], [{ tenant: 'default' }], ['x'], []]) {
    const forged = at.temporal.workflow.execute('agentRun', {
      workflowId: `forged-${randomUUID()}`,
      taskQueue: at.taskQueue,
      workflowExecutionTimeout: '20s',
      args,
    });
    const failure = await forged.catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type: 'ticket-invalid' } });
  }
  expect(at.model.requests).toEqual([]);
});

test('a run cannot be closed with an output that was never decided as its answer', async () => {
  const script = scripted(mandate({ note: 1 }), [() => ({ kind: 'hang' })]);
  const at = await startGoverned({ tools: [note], script });
  governed = at;
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'think' });
  const outputRef = await at.records.blobs.put('default', 'answer', { text: 'what another run said' });
  const closeRun = at.activities.agents.closeRun ?? expect.fail('no such activity');
  const run = { tenant: 'default', runId: at.runId };
  const closing = new MockActivityEnvironment().run(closeRun, { run, state: 'completed' as const, outputRef });
  await expect(closing).rejects.toMatchObject({ type: 'digest-conflict' });
  expect(await initiator.runs.get(at.runId)).toMatchObject({ state: 'running' });
});
