import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { ApiLog, LogFacts } from '../log.ts';

export interface HintPump<Hint> {
  /** Signals something that was just stored, without waiting; what fails is sent again by the next round. */
  deliver(hint: Hint): void;
  /** Looks at once for what nobody took up, then every few seconds until `stop`. */
  begin(): void;
  /** Resolves when nothing is being sent any more. */
  stop(): Promise<void>;
}

export interface HintPumpParts<Hint> {
  /** What is sent, for the log: `verdict`. */
  readonly what: string;
  readonly idOf: (hint: Hint) => string;
  readonly factsOf: (hint: Hint) => LogFacts;
  /** What was stored and is not taken up yet, oldest first. */
  readonly waiting: (limit: number) => Promise<readonly Hint[]>;
  readonly signal: (hint: Hint) => Promise<'sent' | 'gone'>;
  readonly markSignalled: (hint: Hint, at: string) => Promise<void>;
  /** Starts the run's workflow if it never had one, or closes the run if that workflow is over. */
  readonly mendRun: (tenant: string, runId: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Milliseconds between two rounds. */
  readonly everyMs?: number | undefined;
}

const defaultEveryMs = 3_000;
const roundLimit = 1_000;
const maxBackOffMs = 15 * 60 * 1_000;

interface Attempt {
  readonly times: number;
  /** No sooner than this is it sent again. */
  readonly notBefore: number;
}

/**
 * Stored first, then signalled, and signalled again until it is taken up: a crash between the two, or a signal that a
 * full inbox dropped, loses nothing. The signal is a hint; the run reads what was stored.
 */
export function createHintPump<Hint extends { readonly tenant: string; readonly runId: string }>(
  parts: HintPumpParts<Hint>,
): HintPump<Hint> {
  const { what, idOf, factsOf, clock, log, everyMs = defaultEveryMs } = parts;
  let attempts = new Map<string, Attempt>();
  const sending = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function send(hint: Hint): Promise<void> {
    const id = idOf(hint);
    const times = (attempts.get(id)?.times ?? 0) + 1;
    const pauseMs = Math.min(everyMs * 2 ** Math.min(times, 16), maxBackOffMs);
    attempts.set(id, { times, notBefore: clock.now() + pauseMs });
    try {
      const outcome = await parts.signal(hint);
      if (outcome === 'gone') await parts.mendRun(hint.tenant, hint.runId);
      else await parts.markSignalled(hint, isoTime(clock));
      log.info(`${what}-signalled`, { ...factsOf(hint), outcome, times });
    } catch (error) {
      log.error(`${what}-signal-failed`, { ...factsOf(hint), times }, error);
    }
  }

  async function round(): Promise<void> {
    try {
      const open = await parts.waiting(roundLimit);
      const ids = new Set(open.map(idOf));
      attempts = new Map([...attempts].filter(([id]) => ids.has(id)));
      for (const hint of open) {
        if (!running) return;
        if ((attempts.get(idOf(hint))?.notBefore ?? 0) <= clock.now()) await send(hint);
      }
    } catch (error) {
      log.error(`${what}-round-failed`, {}, error);
    } finally {
      if (running) timer = setTimeout(() => track(round()), everyMs);
    }
  }

  function track(work: Promise<void>): void {
    sending.add(work);
    void work.finally(() => sending.delete(work));
  }

  return {
    deliver: (hint) => track(send(hint)),
    begin() {
      if (running) return;
      running = true;
      track(round());
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await Promise.allSettled(sending);
    },
  };
}
