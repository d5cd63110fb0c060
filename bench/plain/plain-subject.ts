import { Client, Connection } from '@temporalio/client';
import { type BenchSubject, benchTask } from '../bench-subject.ts';
import { type Child, startChild } from '../child-process.ts';
import { plainTaskQueue } from './plain-task-queue.ts';

/** The baseline: an ordinary Temporal workflow over the same adapters, server and codec. */
export function createPlainSubject(): BenchSubject {
  let worker: Child | undefined;
  let connection: Connection | undefined;
  let client: Client | undefined;

  function running(): Client {
    if (!client) throw new Error('the plain side was not started');
    return client;
  }

  return {
    name: 'plain',
    async start({ payloadCodecs, ...shared }) {
      worker = await startChild(new URL('./plain-worker.process.ts', import.meta.url), [JSON.stringify(shared)]);
      connection = await Connection.connect({ address: shared.temporal.address });
      client = new Client({
        connection,
        namespace: shared.temporal.namespace,
        dataConverter: { payloadCodecs: [...payloadCodecs] },
      });
    },
    async run(run) {
      await running().workflow.execute('plainRun', {
        taskQueue: plainTaskQueue,
        workflowId: run.runId,
        args: [{ runId: run.runId, task: benchTask(run) }],
      });
    },
    async history(runId) {
      const { historyLength, historySize } = await running().workflow.getHandle(runId).describe();
      return { events: historyLength, bytes: historySize ?? 0 };
    },
    async extraMs() {
      const roundTrip = await running().workflow.execute('plainRoundTrips', {
        taskQueue: plainTaskQueue,
        workflowId: `round-trips-${Date.now().toString(36)}`,
        args: [100],
      });
      return { 'one activity round trip': Number(roundTrip) };
    },
    residentBytes: async () => Number(await worker?.ask('rss')),
    async stop() {
      await worker?.stop();
      await connection?.close();
    },
  };
}
