import { randomBytes } from 'node:crypto';
import { type StartRun, startRunSchema } from '../../contracts/http/run.schema.ts';
import { type Digest, digestOf } from '../../digest/digest.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { idOfKey } from '../idempotency-key.ts';
import { parseInput } from '../input.ts';
import type { Principal } from '../principal.ts';

/** A request to start a run, read and named. */
export interface AdmissionRequest {
  readonly body: StartRun;
  readonly tenant: string;
  readonly runId: string;
  /** Over everything that was asked for and by whom; the same one again is the same run. */
  readonly requestDigest: Digest;
}

/** Codes: `invalid-request`, and `forbidden` for another tenant than the principal's own. */
export function readAdmission(
  principal: Principal,
  body: unknown,
  idempotencyKey: string | undefined,
): AdmissionRequest {
  const request = parseInput(startRunSchema, body);
  const { tenant, subject } = principal.identity;
  if (request.tenant !== undefined && request.tenant !== tenant) throw new CountersignError('forbidden');
  const runId = request.runId ?? runIdOf([tenant, subject], idempotencyKey);
  const asked = {
    tenant,
    runId,
    initiator: subject,
    agent: request.agent,
    version: request.version ?? null,
    task: request.task,
    inputs: request.inputs ?? null,
  };
  return { body: request, tenant, runId, requestDigest: digestOf('request', asked) };
}

/** The same key of the same caller names the same run; without one it sorts by time for the reader. */
function runIdOf(scope: readonly string[], key: string | undefined): string {
  if (key !== undefined) return `run-key-${idOfKey('idempotency', scope, key)}`;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return `run-${day}-${randomBytes(8).toString('hex')}`;
}
