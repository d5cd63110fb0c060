import type { RunRow, RunStore } from '../../ports/run-store.port.ts';
import type { ApiLog } from '../log.ts';
import type { MendRun } from './mend-run.ts';

/** Runs that are looked at in one sweep. */
const sweepLimit = 10_000;
const firstDelayMs = 1_000;
const maxDelayMs = 30_000;

export interface RunStarter {
  /** Starts the run's workflow unless it has one or the run has ended. Fails with `unavailable`; the sweep then tries on. */
  ensureStarted(row: RunRow): Promise<void>;
  /** Sweeps once, and again after every failure, until `stop`. */
  begin(): void;
  stop(): Promise<void>;
}

/**
 * Every admitted run gets its workflow. Between the row and the workflow lies a crash: the sweep at the start of the
 * server closes that gap, and the workflow id makes a second start harmless.
 */
export function createRunStarter({
  runs,
  mend,
  log,
}: {
  readonly runs: RunStore;
  readonly mend: MendRun;
  readonly log: ApiLog;
}): RunStarter {
  let timer: NodeJS.Timeout | undefined;
  let stopped = true;
  let sweeping: Promise<void> = Promise.resolve();
  let delayMs = firstDelayMs;

  async function sweep(): Promise<void> {
    try {
      for (const row of await runs.open(sweepLimit)) {
        if (stopped) return;
        const mended = await mend.mend(row);
        if (mended !== 'sound') log.info('run-mended', { runId: row.runId, tenant: row.tenant, mended });
      }
      delayMs = firstDelayMs;
    } catch (error) {
      log.error('run-sweep-failed', {}, error);
      sweepLater();
    }
  }

  function sweepLater(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      sweeping = sweep();
    }, delayMs);
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }

  return {
    async ensureStarted(row) {
      if (row.closed) return;
      try {
        // A workflow of this id may be long over: then the row must not wait for it.
        if ((await mend.start(row)) === 'exists') await mend.mend(row);
      } catch (error) {
        sweepLater();
        throw error;
      }
    },
    begin() {
      stopped = false;
      sweeping = sweep();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      timer = undefined;
      await sweeping;
    },
  };
}
