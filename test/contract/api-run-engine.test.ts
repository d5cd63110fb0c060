import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTemporalRunEngine } from '../../src/adapters/run-engine-temporal/create-temporal-run-engine.ts';
import '../setup/provided-context.ts';
import { uniqueTaskQueue } from '../setup/task-queue.ts';

let connection: Connection;
let client: Client;
const claim = { approvalId: `apr_${'0'.repeat(32)}`, verdictId: `vrd_${'0'.repeat(32)}` };

beforeAll(async () => {
  const { address, namespace } = inject('temporal');
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(() => connection.close());

function setUp() {
  const runId = `run-${randomUUID()}`;
  const engine = createTemporalRunEngine({ client, taskQueue: uniqueTaskQueue('engine') });
  const run = { tenant: 'default', runId, agent: 'invoice-desk', agentVersion: 3 };
  return { engine, run, runId, handle: client.workflow.getHandle(`default/${runId}`) };
}

test('a run is started once, under our own id, found by what an SRE filters by', async () => {
  const { engine, run, handle, runId } = setUp();
  expect(await engine.describe('default', runId)).toBe('absent');
  expect(await engine.start(run)).toBe('started');
  expect(await engine.start(run)).toBe('exists');
  expect(await engine.describe('default', runId)).toBe('open');
  const { type, typedSearchAttributes, memo } = await handle.describe();
  const found = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  expect(type).toBe('agentRun');
  expect(found).toMatchObject({ Agent: 'invoice-desk', AgentVersion: '3', Tenant: 'default', RunState: 'running' });
  expect(memo ?? {}).toEqual({});
});

test('an id that was ever used is never started again', async () => {
  const { engine, run, handle, runId } = setUp();
  await engine.start(run);
  await handle.terminate();
  expect(await engine.start(run)).toBe('exists');
  expect(await engine.describe('default', runId)).toBe('closed');
});

test('a verdict wakes an open run, and a run that is over or was never there is gone', async () => {
  const { engine, run, handle, runId } = setUp();
  expect(await engine.signalVerdict('default', runId, claim)).toBe('gone');
  await engine.start(run);
  expect(await engine.signalVerdict('default', runId, claim)).toBe('sent');
  const history = await handle.fetchHistory();
  expect(
    history.events?.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'verdict'),
  ).toHaveLength(1);
  await handle.terminate();
  expect(await engine.signalVerdict('default', runId, claim)).toBe('gone');
});

test('a run may be asked to stop more than once, and one that was never there is gone', async () => {
  const { engine, run, runId } = setUp();
  expect(await engine.cancel('default', runId)).toBe('gone');
  await engine.start(run);
  expect(await engine.cancel('default', runId)).toBe('requested');
  expect(await engine.cancel('default', runId)).toBe('requested');
});

test('the server that answers is ready, and one that is not there is unavailable on every call', async () => {
  await expect(setUp().engine.ready()).resolves.toBeUndefined();
  const lost = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 500 });
  const engine = createTemporalRunEngine({ client: new Client({ connection: lost }), taskQueue: 'none' });
  const calls = await Promise.allSettled([
    engine.ready(),
    engine.start(setUp().run),
    engine.describe('default', 'x'),
    engine.cancel('default', 'x'),
    engine.signalVerdict('default', 'x', claim),
  ]);
  expect(calls).toMatchObject(
    Array.from({ length: 5 }, () => ({ status: 'rejected', reason: { code: 'unavailable' } })),
  );
  await lost.close();
});
