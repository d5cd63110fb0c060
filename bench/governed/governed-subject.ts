import { Client, Connection } from '@temporalio/client';
import { type CountersignClient, createClient } from '../../src/client/create-client.ts';
import {
  type BenchRun,
  type BenchSubject,
  benchTask,
  type HistorySize,
  keysFolderOf,
  type ProcessUsage,
  workerArguments,
} from '../bench-subject.ts';
import { type Child, startChild } from '../child-process.ts';
import { verdictToEffect } from '../latency-names.ts';
import { benchTenant, createBenchCodecs } from '../payload-codecs.ts';
import { askingAgent, benchAgent } from './bench-installation.ts';
import type { GovernedReady } from './governed.process.ts';
import { measureVerdicts } from './measure-verdicts.ts';

interface Running {
  readonly embedded: Child;
  readonly connection: Connection;
  readonly temporal: Client;
  readonly initiator: CountersignClient;
  readonly approver: CountersignClient;
  readonly toolArrivals: (runId: string) => Promise<readonly number[]>;
}

/** Countersign in embedded mode; runs are started over its HTTP API. */
export function createGovernedSubject(): BenchSubject {
  let started: Running | undefined;

  function running(): Running {
    if (!started) throw new Error('the governed side was not started');
    return started;
  }

  return {
    name: 'governed',
    async start(environment) {
      const { address, namespace } = environment.temporal;
      const embedded = await startChild(
        new URL('./governed.process.ts', import.meta.url),
        workerArguments(environment),
      );
      const { url, tokens } = embedded.ready as GovernedReady;
      const connection = await Connection.connect({ address });
      const payloadCodecs = [...(await createBenchCodecs(keysFolderOf(environment)))];
      started = {
        embedded,
        connection,
        temporal: new Client({ connection, namespace, dataConverter: { payloadCodecs } }),
        initiator: createClient({ baseUrl: url, token: tokens.initiator }),
        approver: createClient({ baseUrl: url, token: tokens.approver }),
        toolArrivals: environment.toolArrivals,
      };
    },
    run: (run) => startAndAwait(running(), benchAgent, run),
    history: (runId) => wholeHistory(running().temporal, runId),
    async latencies(runId) {
      const { initiator, approver, toolArrivals } = running();
      const steps = 12;
      const [given] = await Promise.all([
        measureVerdicts({ initiator, approver, runId, steps }),
        startAndAwait(running(), askingAgent, { runId, steps }),
      ]);
      const begun = await toolArrivals(runId);
      return { [verdictToEffect]: given.map((at, index) => (begun[index] ?? Number.NaN) - at) };
    },
    usage: async () => (await running().embedded.ask('usage')) as ProcessUsage,
    async stop() {
      await started?.embedded.stop();
      await started?.connection.close();
    },
  };
}

/** Like the plain side, the caller waits for the workflow's end at the Temporal server. */
async function startAndAwait({ initiator, temporal }: Running, agent: string, run: BenchRun): Promise<void> {
  await initiator.runs.start({ runId: run.runId, agent, task: benchTask(run) });
  await temporal.workflow.getHandle(workflowIdOf(run.runId)).result();
  const { state } = await initiator.runs.get(run.runId);
  if (state !== 'completed') throw new Error(`the run ${run.runId} ended as ${state}`);
}

const workflowIdOf = (runId: string): string => `${benchTenant}/${runId}`;

/** Sums up a chain of executions from its last one backwards. */
async function wholeHistory(temporal: Client, runId: string): Promise<HistorySize> {
  const workflowId = workflowIdOf(runId);
  let size: HistorySize = { events: 0, bytes: 0 };
  for (let execution: string | undefined; ; ) {
    const handle = temporal.workflow.getHandle(workflowId, execution);
    const { historyLength, historySize = 0 } = await handle.describe();
    size = { events: size.events + historyLength, bytes: size.bytes + historySize };
    execution = await executionBefore(temporal, workflowId, execution);
    if (execution === undefined) return size;
  }
}

async function executionBefore(temporal: Client, workflowId: string, execution: string | undefined) {
  const { history } = await temporal.workflowService.getWorkflowExecutionHistory({
    namespace: temporal.options.namespace,
    execution: { workflowId, ...(execution === undefined ? {} : { runId: execution }) },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return started?.continuedExecutionRunId || undefined;
}
