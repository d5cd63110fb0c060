import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../domain/audit-record.ts';
import { CountersignError } from '../domain/countersign-error.ts';
import { recordOf } from '../domain/record-bodies.ts';
import type { AuditOutbox } from '../ports/audit-outbox.port.ts';
import { type Clock, isoTime } from '../ports/clock.port.ts';
import type { Identity } from '../ports/directory.port.ts';
import { createRateLimiter } from './edge/rate-limiter.ts';
import type { ApiLog } from './log.ts';

/** Records of one person's refused attempts of a kind: a burst, then one every ten seconds. The log counts the others. */
const recorded = { burst: 20, perSecond: 0.1 };

interface RunKey {
  readonly tenant: string;
  readonly runId: string;
}

/** What somebody tried to tell a run and was refused. Never fails: the refusal itself must reach the caller. */
export interface RefusedAttempts {
  verdict(approval: RunKey & { readonly approvalId: string }, identity: Identity, error: unknown): Promise<void>;
  steering(run: RunKey, identity: Identity, error: unknown): Promise<void>;
}

export function createRefusedAttempts({
  outbox,
  clock,
  log,
}: {
  readonly outbox: AuditOutbox;
  readonly clock: Clock;
  readonly log: ApiLog;
}): RefusedAttempts {
  const limiter = createRateLimiter(recorded, clock);

  async function record(
    kind: 'verdict-refused' | 'steering-refused',
    facts: RunKey & { readonly approvalId?: string },
    { subject }: Identity,
    error: unknown,
    recordAs: (code: string, at: string) => AuditRecord,
  ): Promise<void> {
    // what broke on our side is no attempt of theirs
    if (!(error instanceof CountersignError) || error.row.status >= 500) return;
    log.info(kind, { ...facts, code: error.code });
    if (limiter.take(`${kind}/${facts.tenant}/${subject}`) > 0) return;
    await outbox
      .append([recordAs(error.code, isoTime(clock))])
      .catch((cause: unknown) => log.error('refusal-not-recorded', { kind, ...facts }, cause));
  }

  return {
    verdict: ({ tenant, runId, approvalId }, identity, error) =>
      record('verdict-refused', { approvalId, runId, tenant }, identity, error, (code, at) =>
        recordOf('verdict-refused', { tenant, runId }, `${approvalId}/${randomUUID()}`, at, {
          approvalId,
          by: identity.subject,
          code,
        }),
      ),
    steering: ({ tenant, runId }, identity, error) =>
      record('steering-refused', { runId, tenant }, identity, error, (code, at) =>
        recordOf('steering-refused', { tenant, runId }, randomUUID(), at, { by: identity.subject, code }),
      ),
  };
}
