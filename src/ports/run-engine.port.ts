export interface EngineStart {
  readonly tenant: string;
  readonly runId: string;
  readonly agent: string;
  readonly agentVersion: number;
}

/** What the durable engine knows of a run's workflow. */
export type EngineState = 'open' | 'closed' | 'absent';

/**
 * The durable engine as the API needs it. Fails with `unavailable` when the engine is not reached;
 * every call may then be made again.
 */
export interface RunEngine {
  /** Starts the workflow `<tenant>/<runId>`. An id that was ever used is never started again: `exists`. */
  start(run: EngineStart): Promise<'started' | 'exists'>;
  /** Wakes the run for a stored verdict. The signal is a hint and carries no authority. */
  signalVerdict(
    tenant: string,
    runId: string,
    claim: { readonly approvalId: string; readonly verdictId: string },
  ): Promise<'sent' | 'gone'>;
  /** Tells the run that its principal has said something. A hint as well; the run reads the stored message. */
  signalSteering(tenant: string, runId: string, claim: { readonly steerId: string }): Promise<'sent' | 'gone'>;
  /** Asks the run to stop, which changes nothing for one that has ended. `gone`: the engine does not know it. */
  cancel(tenant: string, runId: string): Promise<'requested' | 'gone'>;
  describe(tenant: string, runId: string): Promise<EngineState>;
  /** Resolves while the engine accepts work; fails with `unavailable` otherwise. */
  ready(): Promise<void>;
}
