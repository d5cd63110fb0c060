import { ApplicationFailure } from '@temporalio/workflow';
import type { RunKey } from '../src/contracts/run-activities.ts';
import { type ErrorCode, errorRegistry } from '../src/domain/error-registry.ts';
import { parseRunId, parseTenantId } from '../src/domain/ids.ts';

/** Which run a workflow was started for, by whomever. What names none has no ticket either, so it fails with `ticket-invalid`. */
export function runKeyOf(start: unknown): RunKey {
  const { tenant, runId } = (start ?? {}) as Readonly<Record<string, unknown>>;
  try {
    if (typeof tenant === 'string' && typeof runId === 'string')
      return { tenant: parseTenantId(tenant), runId: parseRunId(runId) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw ApplicationFailure.nonRetryable(errorRegistry['ticket-invalid'].title, 'ticket-invalid' satisfies ErrorCode);
}
