import { isoTime } from '../../ports/clock.port.ts';
import type { NudgeChannel, NudgeChannels, NudgeRouting } from '../../ports/nudge-channels.port.ts';
import { type PlanDependencies, planNudges } from './plan-nudges.ts';
import { type SendDependencies, sendNudge } from './send-nudge.ts';

export interface NudgePump {
  /** Looks at once for questions of which nobody was told, then every few seconds until `stop`. */
  begin(): void;
  /** Resolves when nothing is being sent any more; what takes longer than a few seconds is broken off and sent again by the next start. */
  stop(): Promise<void>;
}

export interface NudgePumpDependencies extends PlanDependencies, Omit<SendDependencies, 'firstBackOffMs'> {
  readonly channels: NudgeChannels;
  /** Milliseconds between two rounds. */
  readonly everyMs?: number;
  readonly firstBackOffMs?: number;
  /** For what is under way at `stop`. */
  readonly graceMs?: number;
}

const defaultEveryMs = 3_000;
const defaultFirstBackOffMs = 5_000;
const defaultGraceMs = 3_000;
/** No send takes as long, so what is still claimed after it was left behind by a crash. */
const claimMs = 60_000;
const roundLimit = 100;

/**
 * Tells people of questions. What is due follows from the approvals, and stands in rows before it is sent;
 * a channel that does not answer delays nobody but itself.
 */
export function createNudgePump(dependencies: NudgePumpDependencies): NudgePump {
  const { channels, nudges, clock, log } = dependencies;
  const { everyMs = defaultEveryMs, graceMs = defaultGraceMs } = dependencies;
  const sending: SendDependencies = {
    ...dependencies,
    firstBackOffMs: dependencies.firstBackOffMs ?? defaultFirstBackOffMs,
  };
  const working = new Set<Promise<void>>();
  const busy = new Set<string>();
  const breakOff = new AbortController();
  let planned: NudgeRouting | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function round(): Promise<void> {
    try {
      const routing = channels.inForce();
      if (routing !== planned) await nudges.forgetNobody();
      planned = routing;
      await planNudges(dependencies, routing);
      await nudges.drop(isoTime(clock), [...routing.channels.keys()]);
      for (const channel of routing.channels.values()) if (running && !busy.has(channel.name)) track(drain(channel));
    } catch (error) {
      log.error('nudge-round-failed', {}, error);
    } finally {
      if (running) timer = setTimeout(() => track(round()), everyMs);
    }
  }

  /** One message after the other, until none is due or the channel fails. */
  async function drain(channel: NudgeChannel): Promise<void> {
    busy.add(channel.name);
    try {
      for (let count = 0; running && count < roundLimit; count += 1) {
        const until = new Date(clock.now() + claimMs).toISOString();
        const due = await nudges.claim(channel.name, isoTime(clock), until);
        if (due === undefined || !(await sendNudge(sending, channel, due, breakOff.signal))) return;
      }
    } catch (error) {
      log.error('nudge-channel-failed', { channel: channel.name }, error);
    } finally {
      busy.delete(channel.name);
    }
  }

  function track(work: Promise<void>): void {
    working.add(work);
    void work.finally(() => working.delete(work));
  }

  return {
    begin() {
      if (running) return;
      running = true;
      track(round());
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      const grace = setTimeout(() => breakOff.abort(), graceMs);
      while (working.size > 0) await Promise.allSettled(working);
      clearTimeout(grace);
    },
  };
}
