import { randomUUID } from 'node:crypto';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import type { ApiLog } from '../log.ts';

/** Records of one identity's refused attempts: a burst, then one every ten seconds. The log counts the others. */
const recorded = { burst: 20, perSecond: 0.1 };

export interface RefusedSteering {
  /** Never fails: the refusal itself must reach the caller. */
  record(row: RunRow, identity: Identity, error: unknown): Promise<void>;
}

export function createRefusedSteering({
  outbox,
  clock,
  log,
}: {
  readonly outbox: AuditOutbox;
  readonly clock: Clock;
  readonly log: ApiLog;
}): RefusedSteering {
  const limiter = createRateLimiter(recorded, clock);
  return {
    async record({ tenant, runId }, { subject }, error) {
      if (!(error instanceof CountersignError) || error.row.status >= 500) return;
      const { code } = error;
      log.info('steering-refused', { runId, tenant, code });
      if (limiter.take(`${tenant}/${subject}`) > 0) return;
      const at = new Date(clock.now()).toISOString();
      const refused = recordOf('steering-refused', { tenant, runId }, randomUUID(), at, { by: subject, code });
      await outbox
        .append([refused])
        .catch((cause: unknown) => log.error('steering-refusal-not-recorded', { runId }, cause));
    },
  };
}
