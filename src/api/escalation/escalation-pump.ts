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
      // A question may have come to several rungs while nothing ran.
      for (let more = true; running && more; ) {
        const reached = await escalations.reached(isoTime(clock), roundLimit);
        for (const rung of reached) if (running) await widen(dependencies, rung);
        more = reached.length > 0;
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

async function widen({ escalations, clock, log }: EscalationPumpDependencies, rung: ReachedRung): Promise<void> {
  const { tenant, runId, approvalId, callId, tool, envelopeRef, actionDigest, roles, since } = rung;
  const body = { approvalId, callId, tool, envelopeRef, actionDigest, roles, since };
  const name = `${callId}/${approvalId}/${since}`;
  const record = recordOf('approval-widened', { tenant, runId }, name, isoTime(clock), body);
  if (await escalations.widen(rung, record))
    log.info('approval-widened', { runId, approvalId, roles: roles.join(' ') });
}
