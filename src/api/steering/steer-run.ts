import { type SteerMessageView, steerBodySchema } from '../../contracts/http/steering.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { maxSteerMessages, maxUnreadSteerMessages, type SteerMessage } from '../../domain/steering.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import { type Identity, speaksForPrincipal } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';
import type { SteeringStore, StoredSteerMessage } from '../../ports/steering-store.port.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import { idOfKey } from '../idempotency-key.ts';
import { parseInput } from '../input.ts';
import type { Principal, RawBody } from '../principal.ts';
import type { RefusedAttempts } from '../refused-attempts.ts';
import type { SteeringPump } from './steering-pump.ts';
import { genuineMessages, messageView } from './steering-view.ts';

export interface SteeringDependencies {
  readonly steering: SteeringStore;
  readonly blobs: BlobStore;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly steeringPump: Pick<SteeringPump, 'deliver'>;
  readonly refusedAttempts: RefusedAttempts;
}

/** Messages of one principal to one run. */
export const steeringRate = { burst: 10, perSecond: 0.1 };

/** Two messages of one moment want the same position; the second signs again for the next one. */
const attempts = 8;

/**
 * Takes the principal's own words for his run: checked, signed and stored, then the run is told.
 * Codes: `forbidden`, `run-closed`, `invalid-request`, `rate-limited`, `steering-exhausted`, `idempotency-conflict`.
 */
export function createSteerRun(dependencies: SteeringDependencies) {
  const { blobs, clock, steering, steeringPump, refusedAttempts } = dependencies;
  const limiter = createRateLimiter(steeringRate, clock);

  return async function steerRun(
    { identity }: Principal,
    row: RunRow,
    body: RawBody,
    idempotencyKey: string | undefined,
  ): Promise<SteerMessageView> {
    try {
      const { text } = accepted(row, identity, body);
      const scope = [row.tenant, row.runId, identity.subject];
      const steerId = `str_${idOfKey('steer-id', scope, idempotencyKey)}`;
      const stored = await genuineMessages(dependencies, row, await steering.ofRun(row.tenant, row.runId, 0));
      const before = stored.find(({ signed }) => signed.message.steerId === steerId);
      if (before !== undefined) return await repeated(before, text);
      const waitMs = limiter.take(`${row.tenant}/${row.runId}/${identity.subject}`);
      if (waitMs > 0) throw new CountersignError('rate-limited', { retryAfterMs: waitMs });
      const textRef = await blobs.put(row.tenant, 'steering', { text });
      const message = { steerId, textRef, author: identity.subject, at: isoTime(clock) };
      await store(dependencies, row, message);
      steeringPump.deliver({ tenant: row.tenant, runId: row.runId, steerId });
      return await inForce(steerId, text);
    } catch (error) {
      await refusedAttempts.steering(row, identity, error);
      throw error;
    }

    async function inForce(steerId: string, text: string): Promise<SteerMessageView> {
      const stored = await genuineMessages(dependencies, row, await steering.ofRun(row.tenant, row.runId, 0));
      const found = stored.find(({ signed }) => signed.message.steerId === steerId);
      if (found === undefined) throw new CountersignError('internal');
      return repeated(found, text);
    }

    /** The same key with the same text is the same message, whatever has become of it. */
    async function repeated(message: StoredSteerMessage, text: string): Promise<SteerMessageView> {
      const view = await messageView(blobs, row, message);
      if (view.text !== text) throw new CountersignError('idempotency-conflict');
      return view;
    }
  };
}

/** 403, 409, 400, in this order: a body that cannot be read never hides that the run has ended. */
function accepted(row: RunRow, identity: Identity, body: RawBody): { readonly text: string } {
  if (identity.subject !== row.initiator) throw new CountersignError('forbidden');
  if (!speaksForPrincipal(identity)) {
    throw new CountersignError('forbidden', { message: 'This client may not speak for its principal.' });
  }
  if (row.closed !== undefined) throw new CountersignError('run-closed');
  if (body.kind === 'unreadable') throw body.error;
  return parseInput(steerBodySchema, body.value);
}

async function store(
  { steering, keys }: SteeringDependencies,
  { tenant, runId }: RunRow,
  said: Pick<SteerMessage, 'steerId' | 'textRef' | 'author' | 'at'>,
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await steering.ofRun(tenant, runId, 0);
    const unread = stored.filter(({ takenTurn }) => takenTurn === undefined);
    if (stored.length >= maxSteerMessages || unread.length >= maxUnreadSteerMessages) {
      throw new CountersignError('steering-exhausted');
    }
    const position = (stored.at(-1)?.position ?? 0) + 1;
    const message: SteerMessage = { v: 1, tenant, runId, position, authority: 'principal', ...said };
    const signed = { message, ...(await keys.sign('steering', canonicalJson({ ...message }))) };
    const { steerId, author, textRef, at } = message;
    const record = recordOf('run-steered', { tenant, runId }, steerId, at, { steerId, by: author, position, textRef });
    const outcome = await steering.store(signed, at, record);
    switch (outcome) {
      case 'stored':
      case 'known':
        return;
      case 'closed':
        throw new CountersignError('run-closed');
      case 'moved':
        continue;
      default:
        assertNever(outcome);
    }
  }
  throw new CountersignError('unavailable', { message: 'Too many messages to this run at once.' });
}
