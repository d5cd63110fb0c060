import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { attemptsBeforeGivingUp } from '../../activities/attempt.ts';
import type { InferOutcome, ResolvedRun } from '../../src/contracts/run-activities.ts';
import type { FakeTool } from '../fakes/fake-tool.ts';
import { call, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, type GovernedSettings, startGoverned } from '../support/governed.ts';
import type { TestTool } from '../support/installation.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

const text = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });
const getSupplier: FakeTool & TestTool = {
  name: 'get_supplier',
  effect: 'read',
  record: true,
  inputSchema: text('id'),
  run: ({ id }) => ({ id: String(id), status: 'active' }),
};
const pay: FakeTool & TestTool = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: text('to'),
  relations: { known: { from: 'get_supplier', key: { id: 'to' }, equal: { id: 'to' } } },
  run: () => ({ paid: true }),
};
const note: FakeTool & TestTool = { name: 'note', effect: 'write', run: () => ({ noted: true }) };

const missing = async (): Promise<never> => expect.fail('no such activity');

let governed: Governed | undefined;
let told: readonly unknown[] = [];
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
  told = [];
});

const paying = scripted(mandate({ pay: 1 }), [
  call('desk__pay', { to: 'S1' }),
  (request) => {
    told = toolResults(request);
    return say('Done.');
  },
]);

async function started(settings: GovernedSettings, prepare: (at: Governed) => void = () => undefined) {
  const at = await startGoverned(settings);
  governed = at;
  prepare(at);
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  return { at, initiator };
}

describe('a tool server', () => {
  test('that keeps its records to itself costs one model call and one action, not the run', async () => {
    const refusing = Array.from({ length: 500 }, () => ({ kind: 'status', status: 503 }) as const);
    const { at } = await started({ tools: [getSupplier, pay], script: paying }, ({ server }) =>
      server.fail(refusing, 'get_supplier'),
    );
    await eventually(async () => (at.server.calls.length >= 3 ? true : undefined), 'a third attempt');
    // planning and the proposal
    expect(at.model.requests).toHaveLength(2);
    await at.stopWorker();
    const run = { tenant: 'default', runId: at.runId };
    const { resolveAgent, infer } = { ...at.activities.agents, ...at.activities.inference };
    const last = new MockActivityEnvironment({ attempt: attemptsBeforeGivingUp });
    const { transcript }: ResolvedRun = await last.run(resolveAgent ?? missing, run);
    const { proposed }: InferOutcome = await last.run(infer ?? missing, { run, turn: 1, transcript, results: [] });
    expect(proposed).toMatchObject([
      { decision: { kind: 'deny', code: 'tool-failed', reasons: [{ rule: 'facts-unavailable' }] } },
    ]);
    expect(at.model.requests).toHaveLength(2);
  });

  test('cannot make a run wait as long as it likes', async () => {
    const script = scripted(mandate({ note: 1 }), [call('desk__note', {}), say('Done.')]);
    const later = { kind: 'status', status: 429, headers: { 'retry-after': '99999999999' } } as const;
    const { at } = await started({ tools: [note], script }, ({ server }) => server.fail([later], 'note'));
    const waitsMs = await eventually(async () => {
      const { raw } = await at.temporal.workflow.getHandle(`default/${at.runId}`).describe();
      const [pending] = raw.pendingActivities ?? [];
      const next = Number(pending?.nextAttemptScheduleTime?.seconds ?? 0) * 1_000;
      return pending?.activityType?.name === 'performAction' && next > 0 ? next - Date.now() : undefined;
    }, 'a second attempt');
    expect(waitsMs).toBeLessThanOrEqual(61_000);
  });

  test('that announces what cannot be read closes its tools, and not the run', async () => {
    const script = scripted(mandate({ note: 1 }), [
      call('desk__note', {}),
      (request) => {
        told = toolResults(request);
        return say('Done.');
      },
    ]);
    const { at, initiator } = await started({ tools: [note], script }, ({ server }) => {
      for (let index = 0; index < 600; index += 1) server.setTool({ ...note, name: `more_${index}` });
    });
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { rule: 'tool-changed' } }]);
    expect(at.server.calls).toEqual([]);
  });
});

test('no model is called for a run that is closed, whoever starts a workflow for it', async () => {
  let spoken = 0;
  const script = scripted(mandate({ note: 1 }), [
    () => {
      spoken += 1;
      return { kind: 'hang' };
    },
  ]);
  const { at, initiator } = await started({ tools: [note], script });
  await eventually(async () => (spoken > 0 ? true : undefined), 'the model to be asked');
  await initiator.runs.cancel(at.runId);
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'cancelled' });
  const before = at.model.requests.length;
  const again = at.temporal.workflow.execute('agentRun', {
    workflowId: `forged-${randomUUID()}`,
    taskQueue: at.taskQueue,
    args: [{ tenant: 'default', runId: at.runId }],
  });
  await expect(again).rejects.toThrow();
  expect(at.model.requests).toHaveLength(before);
});
