import { recordOf } from '../../domain/record-bodies.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { EscalationStore, ReachedRung } from '../../ports/escalation-store.port.ts';
import type { ApiLog } from '../log.ts';

export interface EscalationPump {
  /** Looks at once for rungs that were reached, also while nothing ran, then every second until `stop`. */
  begin(): void;
  /** Resolves when nothing is being written any more. */
  stop(): Promise<void>;
}

export interface EscalationPumpDependencies {
  readonly escalations: EscalationStore;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Milliseconds between two rounds. */
  readonly everyMs?: number;
}

const defaultEveryMs = 1_000;
const roundLimit = 200;

/**
 * Writes down that more roles are asked, once a rung, which brings the question to the lists of their people. Their
 * right to answer does not wait for it, and a crash leaves it to the next round.
 */
export function createEscalationPump(dependencies: EscalationPumpDependencies): EscalationPump {
  const { escalations, clock, log, everyMs = defaultEveryMs } = dependencies;
  let working: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function round(): Promise<void> {
    try {
      // A question may have come to several rungs while nothing ran. Where nothing moves, the next round looks again.
      for (let moved = true; running && moved; ) {
        moved = false;
        for (const rung of await escalations.reached(isoTime(clock), roundLimit))
          if (running && (await widen(dependencies, rung))) moved = true;
      }
    } catch (error) {
      log.error('escalation-round-failed', {}, error);
    } finally {
      if (running) timer = setTimeout(next, everyMs);
    }
  }

  function next(): void {
    working = round();
  }

  return {
    begin() {
      if (running) return;
      running = true;
      next();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await working;
    },
  };
}

/** Whether it was written down now. One that cannot be must not keep the others from being. */
async function widen({ escalations, clock, log }: EscalationPumpDependencies, rung: ReachedRung): Promise<boolean> {
  const { tenant, runId, approvalId, callId, tool, envelopeRef, actionDigest, roles, since } = rung;
  const body = { approvalId, callId, tool, envelopeRef, actionDigest, roles, since };
  const name = `${callId}/${approvalId}/${since}`;
  const record = recordOf('approval-widened', { tenant, runId }, name, isoTime(clock), body);
  try {
    if (!(await escalations.widen(rung, record))) return false;
  } catch (error) {
    log.error('approval-not-widened', { runId, approvalId }, error);
    return false;
  }
  log.info('approval-widened', { runId, approvalId, roles: roles.join(' ') });
  return true;
}
