import {
  ActivityCancellationType,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { ResolvedRun, RunActivities } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import { type ErrorCode, errorRegistry } from '../src/domain/error-registry.ts';

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

/**
 * One try in the workflow's own worker, with no queue before it and none after it: a person who has answered sees the
 * effect begin at once. Whatever does not come back soon is asked for patiently instead.
 */
const quick = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });

export const { recordRefusedSignals, closeRun } = own;

/**
 * A result is the claim of whoever completed the activity, and anybody who can write to the namespace can. One that is
 * not ours, or of another activity, ends the run: read further it would fail each workflow task from then on.
 */
function claimed<Result extends object>(result: Promise<Result>, field: keyof Result): Promise<Result> {
  return result.then((value: unknown) => {
    if (typeof value === 'object' && value !== null && field in value) return value as Result;
    throw ApplicationFailure.nonRetryable(errorRegistry.undecodable.title, 'undecodable' satisfies ErrorCode);
  });
}

/** What asks tool servers, what they announce or what their records say, is patient like a call to the outside. */
export const resolveAgent: RunActivities['resolveAgent'] = (run) => claimed(patient.resolveAgent(run), 'queues');

// Each call says what it is about, so that an SRE can read a run in the Temporal UI: names and places, no content.
export const openApproval: RunActivities['openApproval'] = (request) =>
  claimed(own.openApproval.executeWithOptions({ summary: aboutAction(request.action) }, [request]), 'approvalId');
export const settleApproval: RunActivities['settleApproval'] = async (request) => {
  const summary = aboutAction(request.action);
  try {
    return await claimed(quick.settleApproval.executeWithOptions({ summary }, [request]), 'kind');
  } catch (error) {
    if (isCancellation(error)) throw error;
    return claimed(patient.settleApproval.executeWithOptions({ summary }, [request]), 'kind');
  }
};

export type CredentialedActivities = Pick<RunActivities, 'freezeMandate' | 'infer' | 'performAction'>;

/** Activities whose workers hold credentials, on the queues that the run was pinned to. */
export function credentialed(queues: ResolvedRun['queues']): CredentialedActivities {
  const inference = proxyActivities<RunActivities>({ ...outside, taskQueue: queues.inference });
  const effects = proxyActivities<RunActivities>({ ...outside, taskQueue: queues.effects });
  return {
    freezeMandate: (run) => inference.freezeMandate.executeWithOptions({ summary: 'planning call' }, [run]),
    infer: (request) =>
      claimed(inference.infer.executeWithOptions({ summary: `turn ${request.turn}` }, [request]), 'proposed'),
    performAction: (request) =>
      claimed(effects.performAction.executeWithOptions({ summary: aboutAction(request.action) }, [request]), 'kind'),
  };
}

/** `t3.0 desk.pay`, within the 200 bytes that a summary may have. */
export function aboutAction({ callId, tool }: ActionReference): string {
  return `${callId} ${tool}`.slice(0, 200);
}
