import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { EngineStart, EngineState, RunEngine } from '../../src/ports/run-engine.port.ts';

/** A durable engine that only writes down what it is told, and can be out of reach. */
export interface RecordedEngine extends RunEngine {
  readonly started: EngineStart[];
  readonly signals: { readonly runId: string; readonly approvalId: string; readonly verdictId: string }[];
  readonly steered: { readonly runId: string; readonly steerId: string }[];
  readonly cancelled: string[];
  reachable: boolean;
  /** What is known of runs that a test wants to be in another state. */
  readonly states: Map<string, EngineState>;
}

export function recordedEngine(): RecordedEngine {
  const engine: RecordedEngine = {
    started: [],
    signals: [],
    steered: [],
    cancelled: [],
    reachable: true,
    states: new Map(),
    async start(run) {
      await engine.ready();
      if (engine.started.some(({ runId }) => runId === run.runId)) return 'exists';
      engine.started.push(run);
      return 'started';
    },
    async signalVerdict(_tenant, runId, claim) {
      await engine.ready();
      if ((await engine.describe('', runId)) !== 'open') return 'gone';
      engine.signals.push({ runId, ...claim });
      return 'sent';
    },
    async signalSteering(_tenant, runId, claim) {
      await engine.ready();
      if ((await engine.describe('', runId)) !== 'open') return 'gone';
      engine.steered.push({ runId, ...claim });
      return 'sent';
    },
    async cancel(_tenant, runId) {
      await engine.ready();
      if ((await engine.describe('', runId)) !== 'open') return 'gone';
      engine.cancelled.push(runId);
      return 'requested';
    },
    async describe(_tenant, runId) {
      await engine.ready();
      return engine.states.get(runId) ?? (engine.started.some((run) => run.runId === runId) ? 'open' : 'absent');
    },
    async ready() {
      if (!engine.reachable) throw new CountersignError('unavailable');
    },
  };
  return engine;
}
