import type { ProposedAction } from '../src/contracts/run-activities.ts';
import { maxArgumentCharacters } from '../src/domain/action.ts';
import { callIdOf } from '../src/domain/ids.ts';
import type { MalformedToolCall, ModelToolCall } from '../src/domain/transcript.ts';
import type { ModelAnswer } from '../src/ports/model.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { offeredName } from './compile-mandate.ts';
import { answerTool, type Candidate, type Decide, type DecisionBasis } from './decide-action.ts';
import { envelopeOf, storeEnvelope } from './envelope-of.ts';

/** Proposals of one model call, beyond which the rest is refused. */
export const proposalsPerTurn = 64;

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
  const envelope = envelopeOf(deps, basis, callIdOf(place.turn, place.index), candidate, decided);
  return {
    action: await storeEnvelope(deps, basis.run, envelope, {
      toolCallId: place.toolCallId,
      toolName: candidate.toolName,
    }),
    decision: decided.decision,
  };
}
