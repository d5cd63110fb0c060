import {
  type DeclaredMandate,
  declaredMandateSchema,
  declareMandateInput,
  declareMandateName,
} from '../src/contracts/declared-mandate.schema.ts';
import type { RunKey } from '../src/contracts/run-activities.ts';
import { traceParent } from '../src/digest/trace-parent.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Mandate } from '../src/domain/mandate.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import type { Message } from '../src/domain/transcript.ts';
import { parseBlobRef } from '../src/ports/blob-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { ModelAnswer, ModelPort } from '../src/ports/model.port.ts';
import type { InferenceDeps } from './activity-deps.ts';
import { type AdmittedRun, type AdmittedRuns, sealText } from './admitted-run.ts';
import type { Attempt } from './attempt.ts';
import { compileMandate, offeredName } from './compile-mandate.ts';
import { deadlineOf } from './deadline-of.ts';
import { refuseWhatIsOver } from './refuse-what-is-over.ts';
import { taskOf } from './task-of.ts';

/** The planning call and one more try. */
const tries = 2;

/** One model call that sees trusted text only, compiled by code and sealed. First freeze wins, whatever is retried. */
export function createFreezeMandate(deps: InferenceDeps, admittedRuns: AdmittedRuns) {
  return async (run: RunKey, attempt: Attempt): Promise<Mandate> => {
    const admitted = await admittedRuns.admitted(run);
    if ((await deps.mandates.find(run.tenant, run.runId)) !== undefined) return admittedRuns.mandate(run);
    refuseWhatIsOver(deps.clock, admitted, await deps.ledger.standing(run.tenant, run.runId));
    const declared = await plan(deps, run, admitted, attempt);
    const mandate = compileMandate(declared, admitted.agent.manifest, deadlineOf(admitted));
    const seal = await deps.keys.sign('mandate', sealText(run, mandate));
    const record = recordOf('mandate-frozen', run, 'first', isoTime(deps.clock), {
      tools: mandate.tools,
      expiresAt: mandate.expiresAt,
    });
    await deps.mandates.freeze({ ...run, mandate, seal }, record);
    return admittedRuns.mandate(run);
  };
}

async function plan(
  deps: InferenceDeps,
  run: RunKey,
  admitted: AdmittedRun,
  { signal }: Attempt,
): Promise<DeclaredMandate> {
  const model = deps.model(admitted.agent.manifest.model.alias);
  const messages = await trustedMessages(deps, admitted);
  const headers = { 'countersign-run-id': run.runId, traceparent: traceParent(`${run.tenant}/${run.runId}`, 't0') };
  const offer = {
    name: declareMandateName,
    description: 'Declares which tools this task needs, and how often.',
    inputSchema: declareMandateInput as JsonObject,
  };
  for (let number = 1; number <= tries; number += 1) {
    const request = { messages, tools: [offer], toolChoice: { force: declareMandateName }, headers };
    const answer = await model.generate(request, { signal });
    await recordCall(deps, run, model, answer, number);
    const declared = declarationIn(answer);
    if (declared !== undefined) return declared;
  }
  throw new CountersignError('mandate-not-declared');
}

/** System prompt, the principal's own task, tool names and reviewed descriptions. Never inputs, never a tool's answer. */
async function trustedMessages(
  { blobs, catalogue }: InferenceDeps,
  { ticket, agent }: AdmittedRun,
): Promise<readonly Message[]> {
  const stored = await blobs.get(ticket.tenant, 'task', parseBlobRef(ticket.taskRef));
  const tools = agent.manifest.tools.map(
    (name) => `- ${offeredName(name)}: ${catalogue.tool(name)?.announced.description ?? ''}`,
  );
  const task =
    ticket.taskAuthority === 'principal'
      ? taskOf(stored).task
      : 'The task was sent as data; plan for what your instructions describe.';
  return [
    { role: 'system', text: agent.prompt },
    {
      role: 'user',
      text: `${task}\n\nBefore you begin, declare the mandate: which of these tools you need, and how often at most.\n${tools.join('\n')}`,
    },
  ];
}

function declarationIn(answer: ModelAnswer): DeclaredMandate | undefined {
  const call = answer.toolCalls.find((candidate) => candidate.name === declareMandateName);
  if (call === undefined || 'malformed' in call) return undefined;
  const parsed = declaredMandateSchema.safeParse(call.args);
  return parsed.success ? parsed.data : undefined;
}

/** Planning is turn 0 of the journal, so that its tokens count. */
async function recordCall(
  deps: InferenceDeps,
  run: RunKey,
  model: ModelPort,
  answer: ModelAnswer,
  number: number,
): Promise<void> {
  const record = recordOf('model-called', run, `t0.${number}`, isoTime(deps.clock), {
    turn: 0,
    model: answer.model,
    rehearsal: model.description.rehearsal,
    ...answer.usage,
  });
  const outcomeRef = await deps.blobs.put(run.tenant, 'turn', {
    text: answer.text,
    calls: answer.toolCalls as object as JsonObject,
  });
  const entry = { ...run, turn: 0, transcriptDigest: `planning/${number}`, outcomeRef, usage: answer.usage };
  await deps.journal.record(entry, [record]);
}
