import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { agentRunType, type RunStart, steerSignal, verdictSignal } from '../../../workflows/messages.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { parseRunId, parseTenantId, workflowIdOf } from '../../domain/ids.ts';
import type { EngineStart, RunEngine } from '../../ports/run-engine.port.ts';

const agentKey = defineSearchAttributeKey('Agent', SearchAttributeType.KEYWORD);
const agentVersionKey = defineSearchAttributeKey('AgentVersion', SearchAttributeType.KEYWORD);
const tenantKey = defineSearchAttributeKey('Tenant', SearchAttributeType.KEYWORD);
const runStateKey = defineSearchAttributeKey('RunState', SearchAttributeType.KEYWORD);

/** Whatever else a server may report is not the end of a run. */
const over: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** Milliseconds that one call to the server may take. */
const callMs = 10_000;
/** A worker that died in the middle of a workflow task is noticed after this long. */
const workflowTaskTimeoutMs = 5_000;

export interface TemporalRunEngineOptions {
  /** With the payload codec of the workers. */
  readonly client: Client;
  /** Where `agentRun` is worked on. */
  readonly taskQueue: string;
}

/** Runs as Temporal workflows. What the UI shows of them without the codec names agent, version and tenant, and nobody. */
export function createTemporalRunEngine({ client, taskQueue }: TemporalRunEngineOptions): RunEngine {
  const handleOf = (tenant: string, runId: string) => client.workflow.getHandle(idOf(tenant, runId));

  async function reached<Result, Gone>(call: () => Promise<Result>, gone: Gone): Promise<Result | Gone> {
    try {
      return await client.withDeadline(Date.now() + callMs, call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return gone;
      throw new CountersignError('unavailable', { message: 'The Temporal server did not answer.', cause: error });
    }
  }

  return {
    start: (run) =>
      reached(async () => {
        try {
          await client.workflow.start(agentRunType, startOptions(run, taskQueue));
          return 'started';
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists';
          throw error;
        }
      }, 'exists'),
    signalVerdict: (tenant, runId, claim) =>
      reached(async () => {
        await handleOf(tenant, runId).signal(verdictSignal, claim);
        return 'sent' as const;
      }, 'gone'),
    signalSteering: (tenant, runId, claim) =>
      reached(async () => {
        await handleOf(tenant, runId).signal(steerSignal, claim);
        return 'sent' as const;
      }, 'gone'),
    cancel: (tenant, runId) =>
      reached(async () => {
        await handleOf(tenant, runId).cancel();
        return 'requested' as const;
      }, 'gone'),
    describe: (tenant, runId) =>
      reached(async () => {
        const { status } = await handleOf(tenant, runId).describe();
        return over.has(status.name) ? 'closed' : 'open';
      }, 'absent'),
    ready: () =>
      reached(async () => {
        await client.connection.workflowService.describeNamespace({ namespace: client.options.namespace });
      }, undefined),
  };
}

function startOptions({ tenant, runId, agent, agentVersion }: EngineStart, taskQueue: string): WorkflowStartOptions {
  const start: RunStart = { tenant, runId };
  return {
    workflowId: idOf(tenant, runId),
    taskQueue,
    args: [start],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    workflowTaskTimeout: workflowTaskTimeoutMs,
    typedSearchAttributes: [
      { key: agentKey, value: agent },
      { key: agentVersionKey, value: String(agentVersion) },
      { key: tenantKey, value: tenant },
      { key: runStateKey, value: 'running' },
    ],
    staticSummary: `${agent} v${agentVersion}`,
  };
}

function idOf(tenant: string, runId: string): string {
  return workflowIdOf(parseTenantId(tenant), parseRunId(runId));
}
