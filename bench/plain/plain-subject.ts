import { Client, Connection } from '@temporalio/client';
import { type BenchSubject, benchTask, keysFolderOf, type ProcessUsage, workerArguments } from '../bench-subject.ts';
import { type Child, startChild } from '../child-process.ts';
import { oneRoundTrip } from '../latency-names.ts';
import { createBenchCodecs } from '../payload-codecs.ts';
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
    async start(environment) {
      worker = await startChild(new URL('./plain-worker.process.ts', import.meta.url), workerArguments(environment));
      connection = await Connection.connect({ address: environment.temporal.address });
      client = new Client({
        connection,
        namespace: environment.temporal.namespace,
        dataConverter: { payloadCodecs: [...(await createBenchCodecs(keysFolderOf(environment)))] },
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
    async latencies(runId) {
      const roundTrips = await running().workflow.execute('plainRoundTrips', {
        taskQueue: plainTaskQueue,
        workflowId: runId,
        args: [50],
      });
      return { [oneRoundTrip]: roundTrips as number[] };
    },
    usage: async () => (await worker?.ask('usage')) as ProcessUsage,
    async stop() {
      await worker?.stop();
      await connection?.close();
    },
  };
}
