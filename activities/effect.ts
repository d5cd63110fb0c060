import type { PerformRequest } from '../src/contracts/run-activities.ts';
import type { ActionEnvelope } from '../src/domain/action.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import type { EffectsDeps } from './activity-deps.ts';
import type { Attempt } from './attempt.ts';

/** One effect under way: what was asked for, the verified envelope, and the attempt that carries it. */
export interface Effect {
  readonly deps: EffectsDeps;
  readonly run: PerformRequest['run'];
  readonly action: PerformRequest['action'];
  readonly envelope: ActionEnvelope;
  /** Undefined for the answer, which is an effect of the engine itself. */
  readonly tool: CatalogueTool | undefined;
  readonly attempt: Attempt;
}
