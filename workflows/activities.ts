import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { ResolvedRun, RunActivities } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';

/** What talks to our own database only: quick, and repeated until it answers. */
const bookkeeping: ActivityOptions = {
  startToCloseTimeout: '15s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
};

/**
 * What talks to the outside. No limit of attempts: a crash of a worker spends one, and no number of crashes may lose
 * a run. The activity itself ends what the outside has refused often enough; see `activities/attempt.ts`.
 */
const outside: ActivityOptions = {
  startToCloseTimeout: '10m',
  heartbeatTimeout: '5s',
  // an effect under way is brought to a known state before the run closes
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
};

const own = proxyActivities<RunActivities>(bookkeeping);
const patient = proxyActivities<RunActivities>({ ...outside, startToCloseTimeout: '2m' });

export const { recordRefusedSignals, closeRun } = own;

/** What asks tool servers, what they announce or what their records say, is patient like a call to the outside. */
export const { resolveAgent } = patient;

// Each call says what it is about, so that an SRE can read a run in the Temporal UI: names and places, no content.
export const openApproval: RunActivities['openApproval'] = (request) =>
  own.openApproval.executeWithOptions({ summary: aboutAction(request.action) }, [request]);
export const settleApproval: RunActivities['settleApproval'] = (request) =>
  patient.settleApproval.executeWithOptions({ summary: aboutAction(request.action) }, [request]);

export type CredentialedActivities = Pick<RunActivities, 'freezeMandate' | 'infer' | 'performAction'>;

/** Activities whose workers hold credentials, on the queues that the run was pinned to. */
export function credentialed(queues: ResolvedRun['queues']): CredentialedActivities {
  const inference = proxyActivities<RunActivities>({ ...outside, taskQueue: queues.inference });
  const effects = proxyActivities<RunActivities>({ ...outside, taskQueue: queues.effects });
  return {
    freezeMandate: (run) => inference.freezeMandate.executeWithOptions({ summary: 'planning call' }, [run]),
    infer: (request) => inference.infer.executeWithOptions({ summary: `turn ${request.turn}` }, [request]),
    performAction: (request) =>
      effects.performAction.executeWithOptions({ summary: aboutAction(request.action) }, [request]),
  };
}

/** `t3.0 desk.pay`, within the 200 bytes that a summary may have. */
export function aboutAction({ callId, tool }: ActionReference): string {
  return `${callId} ${tool}`.slice(0, 200);
}
