import type { InferOutcome, InferRequest, ProposedAction, RunKey } from '../src/contracts/run-activities.ts';
import { digestOf } from '../src/digest/digest.ts';
import { traceParent } from '../src/digest/trace-parent.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { JsonValue } from '../src/domain/json.ts';
import { exhaustedBudget, type Mandate } from '../src/domain/mandate.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { ModelAnswer, ModelPort, ModelTool } from '../src/ports/model.port.ts';
import { actionRecords } from './action-records.ts';
import type { InferenceDeps } from './activity-deps.ts';
import type { AdmittedRuns } from './admitted-run.ts';
import { type Attempt, attemptsBeforeGivingUp } from './attempt.ts';
import { offeredName } from './compile-mandate.ts';
import { type Decide, type DecisionBasis } from './decide-action.ts';
import { decideInTheEnd } from './decide-without-facts.ts';
import { type Heard, hearPrincipal, recordForgedSteering, takenRecord } from './hear-principal.ts';
import { proposeActions } from './propose-actions.ts';
import { createRecentlyUsed, type RecentlyUsed } from './recently-used.ts';
import { refuseWhatIsOver } from './refuse-what-is-over.ts';
import type { Transcripts } from './transcripts.ts';

/**
 * Answers that may not be journaled yet: while their decisions cannot be made, the attempts that follow in this process
 * decide on the same answer and pay for no other one.
 */
const rememberedAnswers = 16;

/**
 * One model call, and the decision on each of its proposals on the same way back.
 * Journaled by (run, turn, transcript): a retry or a reset gets the same proposals, with the same keys and digests.
 */
export function createInfer(deps: InferenceDeps, admittedRuns: AdmittedRuns, transcripts: Transcripts, decide: Decide) {
  const answers: RecentlyUsed<string, HeardAnswer> = createRecentlyUsed(rememberedAnswers);

  return async (request: InferRequest, attempt: Attempt): Promise<InferOutcome> => {
    const { run, turn } = request;
    const admitted = await admittedRuns.admitted(run);
    const mandate = await admittedRuns.mandate(run);
    const transcriptDigest = digestOf('transcript', {
      transcript: request.transcript,
      results: request.results as object as JsonValue,
    });
    const found = await deps.journal.find(run.tenant, run.runId, turn, transcriptDigest);
    const { standing, outcomeRef } = found;
    await recordForgedSteering(deps, run, request.claimed);
    if (outcomeRef !== undefined) {
      return outcomeOf(transcripts, run, mandate, { outcomeRef, spent: standing.spent });
    }
    refuseWhatIsOver(deps.clock, admitted, standing, { mandate, turn });
    const basis: DecisionBasis = {
      run,
      admitted,
      mandate,
      standing,
      steps: turn,
      approvers: [],
      signal: attempt.signal,
    };
    const model = deps.model(admitted.agent.manifest.model.alias);
    const { heard, answer } = await answers.getOrLoad(
      `${run.tenant}/${run.runId}/${turn}/${transcriptDigest}`,
      async (): Promise<HeardAnswer> => {
        const said = await hearPrincipal(deps, transcripts, admitted, request, found.steeredTo);
        return { heard: said, answer: await callModel(deps, transcripts, model, request, said, mandate, attempt) };
      },
    );
    const proposed = await proposeActions(deps, decideInTheEnd(deps, decide, attempt), basis, turn, answer);
    const head = await transcripts.append(run.tenant, {
      v: 1,
      kind: 'turn',
      parent: request.transcript,
      results: request.results,
      ...(heard.said.length > 0 && { said: heard.said }),
      ...(heard.steeredTo > 0 && { steeredTo: heard.steeredTo }),
      message: {
        role: 'assistant',
        text: answer.text,
        toolCalls: answer.toolCalls.slice(0, Math.max(1, proposed.length)),
      },
      outcome: proposed,
    });
    const entry = { ...run, turn, transcriptDigest, outcomeRef: head, usage: answer.usage, steeredTo: heard.steeredTo };
    const inForce = await deps.journal.record(entry, [
      ...takenRecord(run, turn, heard, isoTime(deps.clock)),
      ...recordsOf(deps, request, model, answer, proposed),
    ]);
    return outcomeOf(transcripts, run, mandate, inForce);
  };
}

/** An answer belongs to what the model has seen, the principal's words included. */
interface HeardAnswer {
  readonly heard: Heard;
  readonly answer: ModelAnswer;
}

type InForce = Awaited<ReturnType<InferenceDeps['journal']['record']>>;

/** A budget that this call used up ends the run, unless the call brought the answer. */
async function outcomeOf(
  transcripts: Transcripts,
  run: RunKey,
  mandate: Mandate,
  { outcomeRef, spent }: InForce,
): Promise<InferOutcome> {
  const turn = await transcripts.turn(run.tenant, outcomeRef);
  const proposed = turn.outcome as object as readonly ProposedAction[];
  const exhausted = exhaustedBudget(mandate.budget, spent);
  if (exhausted !== undefined && proposed[0]?.action.kind !== 'answer') {
    throw new CountersignError('budget-exceeded', { message: `The run used up its budget of ${exhausted}.` });
  }
  return { transcript: outcomeRef, proposed, spent };
}

async function callModel(
  { catalogue }: InferenceDeps,
  transcripts: Transcripts,
  model: ModelPort,
  { run, turn, transcript, results }: InferRequest,
  { said }: Heard,
  mandate: Mandate,
  attempt: Attempt,
): Promise<ModelAnswer> {
  const tools = mandate.tools.flatMap(({ name }): ModelTool[] => {
    const announced = catalogue.tool(name)?.announced;
    return announced === undefined
      ? []
      : [{ name: offeredName(name), description: announced.description, inputSchema: announced.inputSchema }];
  });
  const messages = [
    ...(await transcripts.messages(run.tenant, transcript)),
    ...(await transcripts.resultMessages(run.tenant, results)),
    ...(await transcripts.saidMessages(run.tenant, said)),
  ];
  const headers = {
    'countersign-run-id': run.runId,
    traceparent: traceParent(`${run.tenant}/${run.runId}`, `t${turn}`),
  };
  try {
    return await model.generate({ messages, tools, toolChoice: 'auto', headers }, { signal: attempt.signal });
  } catch (error) {
    if (
      error instanceof CountersignError &&
      error.code === 'model-answer-invalid' &&
      attempt.number >= attemptsBeforeGivingUp
    ) {
      throw new CountersignError('model-request-invalid', {
        message: 'The model’s answers could not be read.',
        cause: error,
      });
    }
    throw error;
  }
}

function recordsOf(
  deps: InferenceDeps,
  { run, turn }: InferRequest,
  model: ModelPort,
  answer: ModelAnswer,
  proposed: readonly ProposedAction[],
) {
  const at = isoTime(deps.clock);
  const called = recordOf('model-called', run, `t${turn}`, at, {
    turn,
    model: answer.model,
    rehearsal: model.description.rehearsal,
    ...answer.usage,
  });
  return [
    called,
    ...proposed.map(({ action, decision }) => actionRecords(run, action, at).decided('proposal', decision)),
  ];
}
