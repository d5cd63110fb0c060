import type { ProposedAction, RunKey } from '../src/contracts/run-activities.ts';
import { digestOf } from '../src/digest/digest.ts';
import { newNonce } from '../src/digest/nonce.ts';
import type { ActionEnvelope, ActionReference } from '../src/domain/action.ts';
import { callIdOf, effectKeyOf, parseRunId, parseTenantId, workflowIdOf } from '../src/domain/ids.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { MalformedToolCall, ModelToolCall } from '../src/domain/transcript.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { ModelAnswer } from '../src/ports/model.port.ts';
import { sheetOf } from './action-sheet-of.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { offeredName } from './compile-mandate.ts';
import { deadlineOf } from './deadline-of.ts';
import { answerTool, type Candidate, type Decide, type Decided, type DecisionBasis, riskOf } from './decide-action.ts';

/** Proposals of one model call, beyond which the rest is refused. */
export const proposalsPerTurn = 64;

/** Policy refuses much less; what it refuses is stored and shown all the same, so it has an end too. */
export const maxArgumentCharacters = 262_144;

/** How long an action that needs nobody may wait for its effect. */
const allowedForSeconds = 24 * 3_600;

/** The model's message → actions in the order proposed, each with its decision. A message without calls is the answer. */
export async function proposeActions(
  deps: DecisionDeps,
  decide: Decide,
  basis: DecisionBasis,
  turn: number,
  answer: ModelAnswer,
): Promise<readonly ProposedAction[]> {
  const calls = answer.toolCalls.slice(0, proposalsPerTurn);
  if (calls.length === 0) {
    const candidate: Candidate = { kind: 'answer', tool: undefined, toolName: answerTool, args: { text: answer.text } };
    return [await propose(deps, decide, basis, { turn, index: 0, toolCallId: '' }, candidate)];
  }
  return Promise.all(
    calls.map((call, index) =>
      propose(deps, decide, basis, { turn, index, toolCallId: call.id }, candidateOf(deps, basis, call)),
    ),
  );
}

function candidateOf(
  deps: DecisionDeps,
  { admitted }: DecisionBasis,
  call: ModelToolCall | MalformedToolCall,
): Candidate {
  const qualified = admitted.agent.manifest.tools.find((name) => offeredName(name) === call.name);
  const tool = qualified === undefined ? undefined : deps.catalogue.tool(qualified);
  const common = { kind: 'tool-call', tool, toolName: call.name } as const;
  if ('malformed' in call) return { ...common, args: {}, malformed: 'The arguments are not a JSON object.' };
  return JSON.stringify(call.args).length > maxArgumentCharacters
    ? { ...common, args: {}, malformed: `The arguments are longer than ${maxArgumentCharacters} characters of JSON.` }
    : { ...common, args: call.args };
}

interface Place {
  readonly turn: number;
  readonly index: number;
  /** The vendor's id of the call; pairs messages and names nothing else. */
  readonly toolCallId: string;
}

async function propose(
  deps: DecisionDeps,
  decide: Decide,
  basis: DecisionBasis,
  place: Place,
  candidate: Candidate,
): Promise<ProposedAction> {
  const decided = await decide(candidate, basis);
  const envelope = envelopeOf(deps, basis, place, candidate, decided);
  return {
    action: await storeEnvelope(deps, basis.run, envelope, {
      toolCallId: place.toolCallId,
      toolName: candidate.toolName,
    }),
    decision: decided.decision,
  };
}

async function storeEnvelope(
  deps: DecisionDeps,
  run: RunKey,
  envelope: ActionEnvelope,
  vendor: Pick<ActionReference, 'toolCallId' | 'toolName'>,
): Promise<ActionReference> {
  const content = envelope as object as JsonObject;
  return {
    callId: envelope.callId,
    key: effectKeyOf(parseTenantId(run.tenant), parseRunId(run.runId), envelope.callId),
    kind: envelope.kind,
    tool: envelope.tool,
    actionDigest: digestOf('action', content),
    envelopeRef: await deps.blobs.put(run.tenant, 'envelope', content),
    ...vendor,
  };
}

function envelopeOf(
  deps: DecisionDeps,
  basis: DecisionBasis,
  place: Place,
  candidate: Candidate,
  decided: Decided,
): ActionEnvelope {
  const { run, admitted } = basis;
  const { ticket } = admitted;
  const { decision } = decided;
  const createdAt = isoTime(deps.clock);
  const ttlSeconds = decision.kind === 'ask' ? decision.requirement.ttlSeconds : allowedForSeconds;
  const endsAt = new Date(Date.parse(createdAt) + ttlSeconds * 1_000).toISOString();
  const deadline = deadlineOf(admitted);
  return {
    v: 1,
    tenant: run.tenant,
    agent: ticket.agent,
    agentVersion: ticket.agentVersion,
    workflowId: workflowIdOf(parseTenantId(run.tenant), parseRunId(run.runId)),
    runId: run.runId,
    callId: callIdOf(place.turn, place.index),
    kind: candidate.kind,
    tool: candidate.kind === 'answer' ? answerTool : (candidate.tool?.name ?? 'unknown.tool'),
    toolPin: candidate.tool?.manifest.schema ?? '',
    args: candidate.args,
    labelsDigest: '',
    onBehalfOf: ticket.initiator,
    credentialScope: '',
    risk: riskOf(candidate.tool),
    preconditions: decided.recorded as object as JsonObject,
    askedUnderPolicy: decision.policyDigest,
    renderHash: digestOf(
      'render',
      sheetOf(ticket, candidate, decision.reasons, decided.recorded) as object as JsonObject,
    ),
    createdAt,
    expiresAt: endsAt < deadline ? endsAt : deadline,
    nonce: newNonce(),
  };
}
