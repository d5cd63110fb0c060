import type { RunView } from '../../contracts/http/run.schema.ts';
import { parseRunId, parseTenantId, workflowIdOf } from '../../domain/ids.ts';
import type { JsonValue } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { RunState } from '../../domain/run.ts';
import type { BlobRef, BlobStore } from '../../ports/blob-store.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';

/** Where a run's workflow is seen in Temporal's own UI. */
export interface TemporalPages {
  /** Without a trailing slash. */
  readonly url: string;
  readonly namespace: string;
}

/** A run as lists show it: without its answer. */
export function runSummary(row: RunRow, temporal: TemporalPages): RunView {
  const workflowId = workflowIdOf(parseTenantId(row.tenant), parseRunId(row.runId));
  return {
    runId: row.runId,
    workflowId,
    agent: row.agent,
    version: row.agentVersion,
    tenant: row.tenant,
    state: runStateOf(row),
    ...(row.closed?.failure && { failure: { code: row.closed.failure.code, message: row.closed.failure.message } }),
    pendingApprovals: row.pendingApprovals,
    usage: row.usage,
    startedAt: row.startedAt,
    ...(row.closed && { closedAt: row.closed.at }),
    links: {
      self: `/v1/runs/${row.runId}`,
      page: `/runs/${row.runId}`,
      temporal: `${temporal.url}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflowId)}`,
    },
  };
}

export async function runView(row: RunRow, temporal: TemporalPages, blobs: BlobStore): Promise<RunView> {
  const summary = runSummary(row, temporal);
  if (row.closed?.outputRef === undefined) return summary;
  return { ...summary, output: { text: await readAnswer(blobs, row.tenant, row.closed.outputRef) } };
}

export function runStateOf(row: RunRow): RunState {
  if (row.closed) return row.closed.state;
  return row.pendingApprovals > 0 ? 'waiting' : 'running';
}

export async function readAnswer(blobs: BlobStore, tenant: string, ref: BlobRef): Promise<string> {
  return textOf(await blobs.get(tenant, 'answer', ref));
}

function textOf(stored: JsonValue): string {
  const text = isJsonObject(stored) ? stored['text'] : stored;
  return typeof text === 'string' ? text : JSON.stringify(text ?? null);
}
