import type { Selectable } from 'kysely';
import type { Spent } from '../../domain/mandate.ts';
import type { ClosedRunState, RunFailure } from '../../domain/run.ts';
import type { SignedTicket } from '../../domain/ticket.ts';
import { parseBlobRef } from '../../ports/blob-store.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';
import { openJson } from './sealed-json.ts';
import type { RunsTable, RunUsageTable } from './tables.ts';

export type UsageColumns = Pick<
  Selectable<RunUsageTable>,
  'model_calls' | 'tool_calls' | 'input_tokens' | 'output_tokens' | 'cost_micro_usd'
>;

export type RunColumns = Selectable<RunsTable> &
  UsageColumns & { readonly pending_approvals: number | string | bigint };

export const ticketContext = (runId: string) => `ticket/${runId}`;
export const failureContext = (runId: string) => `failure/${runId}`;

export function spentOf(usage: UsageColumns): Spent {
  return {
    modelCalls: usage.model_calls,
    toolCalls: usage.tool_calls,
    inputTokens: Number(usage.input_tokens),
    outputTokens: Number(usage.output_tokens),
    costMicroUsd: Number(usage.cost_micro_usd),
  };
}

export async function runRowOf(keys: KeyService, row: RunColumns): Promise<RunRow> {
  const sealedTicket = { keyId: row.ticket_key_id, bytes: row.ticket };
  const signedTicket = await openJson<SignedTicket>(keys, row.tenant, ticketContext(row.run_id), sealedTicket);
  const closed = await endOf(keys, row);
  return {
    tenant: row.tenant,
    runId: row.run_id,
    agent: row.agent,
    agentVersion: row.agent_version,
    initiator: signedTicket.ticket.initiator,
    signedTicket,
    ...(closed === undefined ? {} : { closed }),
    pendingApprovals: Number(row.pending_approvals),
    usage: spentOf(row),
    startedAt: row.started_at.toISOString(),
  };
}

async function endOf(keys: KeyService, row: RunColumns): Promise<RunRow['closed']> {
  if (row.closed_state === null || row.closed_at === null) return undefined;
  const failure = await failureOf(keys, row);
  return {
    // The table's check holds the states.
    state: row.closed_state as ClosedRunState,
    at: row.closed_at.toISOString(),
    ...(failure === undefined ? {} : { failure }),
    ...(row.output_ref === null ? {} : { outputRef: parseBlobRef(row.output_ref) }),
  };
}

async function failureOf(keys: KeyService, row: RunColumns): Promise<RunFailure | undefined> {
  if (row.failure === null || row.failure_key_id === null) return undefined;
  return openJson<RunFailure>(keys, row.tenant, failureContext(row.run_id), {
    keyId: row.failure_key_id,
    bytes: row.failure,
  });
}
