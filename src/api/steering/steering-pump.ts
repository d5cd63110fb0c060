import type { RunEngine } from '../../ports/run-engine.port.ts';
import type { SteeringStore, UntakenSteerMessage } from '../../ports/steering-store.port.ts';
import { createHintPump, type HintPump, type HintPumpParts } from '../hints/hint-pump.ts';

export type SteeringPump = HintPump<UntakenSteerMessage>;

export interface SteeringPumpDependencies
  extends Pick<HintPumpParts<UntakenSteerMessage>, 'mendRun' | 'clock' | 'log' | 'everyMs'> {
  readonly steering: Pick<SteeringStore, 'untaken' | 'markSignalled'>;
  readonly engine: Pick<RunEngine, 'signalSteering'>;
}

/** Tells runs that their principals have said something, until a turn has taken it up. */
export function createSteeringPump({
  steering,
  engine,
  mendRun,
  clock,
  log,
  everyMs,
}: SteeringPumpDependencies): SteeringPump {
  return createHintPump({
    what: 'steering',
    idOf: ({ tenant, runId, steerId }) => `${tenant}/${runId}/${steerId}`,
    factsOf: ({ runId, steerId }) => ({ runId, steerId }),
    waiting: (limit) => steering.untaken(limit),
    signal: ({ tenant, runId, steerId }) => engine.signalSteering(tenant, runId, { steerId }),
    markSignalled: ({ tenant, runId, steerId }, at) => steering.markSignalled(tenant, runId, steerId, at),
    mendRun,
    clock,
    log,
    everyMs,
  });
}
