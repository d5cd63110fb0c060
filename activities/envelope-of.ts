import type { RunKey } from '../src/contracts/run-activities.ts';
import { digestOf } from '../src/digest/digest.ts';
import { newNonce } from '../src/digest/nonce.ts';
import type { ActionEnvelope, ActionReference, EditedAction } from '../src/domain/action.ts';
import { type CallId, effectKeyOf, parseRunId, parseTenantId, workflowIdOf } from '../src/domain/ids.ts';
import type { JsonObject } from '../src/domain/json.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import { sheetOf } from './action-sheet-of.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { deadlineOf } from './deadline-of.ts';
import { answerTool, type Candidate, type Decided, type DecisionBasis, riskOf } from './decide-action.ts';

/** How long an action that needs nobody may wait for its effect. */
const allowedForSeconds = 24 * 3_600;

/** The action as it was decided, under a nonce of its own: the same arguments again are another action. */
export function envelopeOf(
  deps: Pick<DecisionDeps, 'clock'>,
  { run, admitted }: Pick<DecisionBasis, 'run' | 'admitted'>,
  callId: CallId,
  candidate: Candidate,
  { decision, recorded }: Decided,
  edited?: EditedAction,
): ActionEnvelope {
  const { ticket } = admitted;
  const createdAt = isoTime(deps.clock);
  const ttlSeconds = decision.kind === 'ask' ? decision.requirement.ttlSeconds : allowedForSeconds;
  const endsAt = new Date(Date.parse(createdAt) + ttlSeconds * 1_000).toISOString();
  const deadline = deadlineOf(admitted);
  const sheet = sheetOf(ticket, { ...candidate, edited }, decision.reasons, recorded);
  return {
    v: 1,
    tenant: run.tenant,
    agent: ticket.agent,
    agentVersion: ticket.agentVersion,
    workflowId: workflowIdOf(parseTenantId(run.tenant), parseRunId(run.runId)),
    runId: run.runId,
    callId,
    kind: candidate.kind,
    tool: candidate.kind === 'answer' ? answerTool : (candidate.tool?.name ?? 'unknown.tool'),
    toolPin: candidate.tool?.manifest.schema ?? '',
    args: candidate.args,
    labelsDigest: '',
    onBehalfOf: ticket.initiator,
    credentialScope: '',
    risk: riskOf(candidate.tool),
    preconditions: recorded as object as JsonObject,
    askedUnderPolicy: decision.policyDigest,
    renderHash: digestOf('render', sheet as object as JsonObject),
    createdAt,
    expiresAt: endsAt < deadline ? endsAt : deadline,
    nonce: newNonce(),
    ...(edited === undefined ? {} : { edited }),
  };
}

/** Keeps the envelope, and refers to it as workflow state does. */
export async function storeEnvelope(
  deps: Pick<DecisionDeps, 'blobs'>,
  run: RunKey,
  envelope: ActionEnvelope,
  vendor: Pick<ActionReference, 'toolCallId' | 'toolName'>,
): Promise<ActionReference> {
  const content = envelope as object as JsonObject;
  const { toolCallId, toolName } = vendor;
  return {
    callId: envelope.callId,
    key: effectKeyOf(parseTenantId(run.tenant), parseRunId(run.runId), envelope.callId),
    kind: envelope.kind,
    tool: envelope.tool,
    actionDigest: digestOf('action', content),
    envelopeRef: await deps.blobs.put(run.tenant, 'envelope', content),
    toolCallId,
    toolName,
  };
}
