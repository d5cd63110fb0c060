import type { RunActivities } from '../src/contracts/run-activities.ts';
import type { AgentsDeps, DecisionDeps, EffectsDeps, InferenceDeps } from './activity-deps.ts';
import { createAdmittedRuns } from './admitted-run.ts';
import { type Attempt, attempt } from './attempt.ts';
import { createCloseRun, createRecordRefusedSignals } from './close-run.activity.ts';
import { createDecide } from './decide-action.ts';
import { createFreezeMandate } from './freeze-mandate.activity.ts';
import { createInfer } from './infer.activity.ts';
import { createOpenApproval } from './open-approval.activity.ts';
import { createPerformAction } from './perform-action.activity.ts';
import { createResolveAgent } from './resolve-agent.activity.ts';
import { createSettleApproval } from './settle-approval.activity.ts';
import { createToolStandings } from './tool-standing.ts';
import { createTranscripts } from './transcripts.ts';

type Only<Names extends keyof RunActivities> = Pick<RunActivities, Names>;

/** Activities of the `agents` worker: no credential, no key that could approve anything. */
export function createAgentsActivities(
  deps: AgentsDeps,
): Only<'resolveAgent' | 'openApproval' | 'settleApproval' | 'recordRefusedSignals' | 'closeRun'> {
  const { admittedRuns, standings, decide } = deciding(deps);
  return {
    resolveAgent: asActivity(createResolveAgent(deps, admittedRuns, standings, createTranscripts(deps.blobs))),
    openApproval: asActivity(createOpenApproval(deps, admittedRuns)),
    settleApproval: asActivity(createSettleApproval(deps, admittedRuns, decide)),
    recordRefusedSignals: asActivity(createRecordRefusedSignals(deps)),
    closeRun: asActivity(createCloseRun(deps)),
  };
}

/** Activities of the `inference` worker, which holds model credentials. */
export function createInferenceActivities(deps: InferenceDeps): Only<'freezeMandate' | 'infer'> {
  const { admittedRuns, decide } = deciding(deps);
  return {
    freezeMandate: asActivity(createFreezeMandate(deps, admittedRuns)),
    infer: asActivity(createInfer(deps, admittedRuns, createTranscripts(deps.blobs), decide)),
  };
}

/** Activities of the `effects` worker, which holds tool credentials and is the last decision point. */
export function createEffectsActivities(deps: EffectsDeps): Only<'performAction'> {
  const { admittedRuns, decide } = deciding(deps);
  return { performAction: asActivity(createPerformAction(deps, admittedRuns, decide)) };
}

function deciding(deps: DecisionDeps) {
  const standings = createToolStandings(deps);
  return { admittedRuns: createAdmittedRuns(deps), standings, decide: createDecide(deps, standings) };
}

function asActivity<Request, Result>(
  body: (request: Request, attempt: Attempt) => Promise<Result>,
): (request: Request) => Promise<Result> {
  return (request) => attempt((current) => body(request, current));
}
