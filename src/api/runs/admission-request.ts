import { createHash, randomBytes } from 'node:crypto';
import { type StartRun, startRunSchema } from '../../contracts/http/run.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { type Digest, digestOf } from '../../digest/digest.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
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

const keyForm = /^[\x21-\x7e]{1,255}$/;

/** Codes: `invalid-request`, and `forbidden` for another tenant than the principal's own. */
export function readAdmission(
  principal: Principal,
  body: unknown,
  idempotencyKey: string | undefined,
): AdmissionRequest {
  const request = parseInput(startRunSchema, body);
  const { tenant, subject } = principal.identity;
  if (request.tenant !== undefined && request.tenant !== tenant) throw new CountersignError('forbidden');
  const runId =
    request.runId ?? (idempotencyKey === undefined ? newRunId() : runIdOfKey(tenant, subject, idempotencyKey));
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

/** Sorts by time for the reader; the random part makes it unique. */
function newRunId(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return `run-${day}-${randomBytes(8).toString('hex')}`;
}

/** The same key of the same caller names the same run, also after a crash before the first answer. */
function runIdOfKey(tenant: string, subject: string, key: string): string {
  if (!keyForm.test(key)) {
    throw new CountersignError('invalid-request', {
      fields: [{ path: 'Idempotency-Key', rule: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  const hash = createHash('sha256')
    .update('countersign/idempotency/v1\0')
    .update(canonicalJson([tenant, subject, key]));
  return `run-key-${hash.digest('hex').slice(0, 32)}`;
}
