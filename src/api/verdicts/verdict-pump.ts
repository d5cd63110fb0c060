import type { ApprovalStore, UnconsumedVerdict } from '../../ports/approval-store.port.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { RunEngine } from '../../ports/run-engine.port.ts';
import type { ApiLog } from '../log.ts';

export interface VerdictPump {
  /** Signals a verdict that was just stored, without waiting; what fails is sent again by the next round. */
  deliver(verdict: UnconsumedVerdict): void;
  /** Looks at once for verdicts that nobody took up, then every few seconds until `stop`. */
  begin(): void;
  /** Resolves when nothing is being sent any more. */
  stop(): Promise<void>;
}

export interface VerdictPumpDependencies {
  readonly approvals: Pick<ApprovalStore, 'unconsumed' | 'markSignalled'>;
  readonly engine: Pick<RunEngine, 'signalVerdict'>;
  /** Starts the run's workflow if it never had one, or closes the run and its approvals if that workflow is over. */
  readonly mendRun: (tenant: string, runId: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Milliseconds between two rounds. */
  readonly everyMs?: number;
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
 * Stored first, then signalled, and signalled again until the approval is closed: a crash between the two,
 * or a signal that a full inbox dropped, loses no answer. The signal is a hint; the run reads the stored verdict.
 */
export function createVerdictPump({
  approvals,
  engine,
  mendRun,
  clock,
  log,
  everyMs = defaultEveryMs,
}: VerdictPumpDependencies): VerdictPump {
  let attempts = new Map<string, Attempt>();
  const sending = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function send(verdict: UnconsumedVerdict): Promise<void> {
    const { tenant, runId, approvalId, verdictId } = verdict;
    const times = (attempts.get(verdictId)?.times ?? 0) + 1;
    attempts.set(verdictId, {
      times,
      notBefore: clock.now() + Math.min(everyMs * 2 ** Math.min(times, 16), maxBackOffMs),
    });
    try {
      const outcome = await engine.signalVerdict(tenant, runId, { approvalId, verdictId });
      if (outcome === 'gone') await mendRun(tenant, runId);
      else await approvals.markSignalled(verdictId, new Date(clock.now()).toISOString());
      log.info('verdict-signalled', { runId, approvalId, verdictId, outcome, times });
    } catch (error) {
      log.error('verdict-signal-failed', { runId, approvalId, verdictId, times }, error);
    }
  }

  async function round(): Promise<void> {
    try {
      const open = await approvals.unconsumed(roundLimit);
      const ids = new Set(open.map(({ verdictId }) => verdictId));
      attempts = new Map([...attempts].filter(([verdictId]) => ids.has(verdictId)));
      for (const verdict of open) {
        if (!running) return;
        if ((attempts.get(verdict.verdictId)?.notBefore ?? 0) <= clock.now()) await send(verdict);
      }
    } catch (error) {
      log.error('verdict-round-failed', {}, error);
    } finally {
      if (running) timer = setTimeout(() => track(round()), everyMs);
    }
  }

  function track(work: Promise<void>): void {
    sending.add(work);
    void work.finally(() => sending.delete(work));
  }

  return {
    deliver: (verdict) => track(send(verdict)),
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
