import { randomUUID } from 'node:crypto';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import type { ApiLog } from '../log.ts';

/** Records of one person's refused attempts: a burst, then one every ten seconds. The log counts the others. */
const recorded = { burst: 20, perSecond: 0.1 };

export interface RefusedVerdicts {
  /** Never fails: the refusal itself must reach the caller. */
  record(row: ApprovalRow, identity: Identity, error: unknown): Promise<void>;
}

export function createRefusedVerdicts({
  outbox,
  clock,
  log,
}: {
  readonly outbox: AuditOutbox;
  readonly clock: Clock;
  readonly log: ApiLog;
}): RefusedVerdicts {
  const limiter = createRateLimiter(recorded, clock);
  return {
    async record(row, identity, error) {
      if (!(error instanceof CountersignError) || error.row.status >= 500) return;
      const { code } = error;
      const { approvalId, runId, tenant } = row;
      log.info('verdict-refused', { approvalId, runId, tenant, code });
      if (limiter.take(`${tenant}/${identity.subject}`) > 0) return;
      const at = new Date(clock.now()).toISOString();
      const refused = recordOf('verdict-refused', row, `${approvalId}/${randomUUID()}`, at, {
        approvalId,
        by: identity.subject,
        code,
      });
      await outbox
        .append([refused])
        .catch((cause: unknown) => log.error('verdict-refusal-not-recorded', { approvalId }, cause));
    },
  };
}
