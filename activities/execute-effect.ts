import type { ActionResult } from '../src/contracts/run-activities.ts';
import { traceParent } from '../src/digest/trace-parent.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { durationMs } from '../src/domain/duration.ts';
import { parseRetryClass, recoveryOf } from '../src/domain/effect.ts';
import { isJsonObject, type JsonObject } from '../src/domain/json.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import type { ToolOutcome } from '../src/ports/tool.port.ts';
import { attemptsBeforeGivingUp } from './attempt.ts';
import type { Effect } from './effect.ts';
import { giveUp, land, leaveInDoubt } from './settle-effect.ts';

/** `first`: certainly nothing was sent under this key before. */
type Sending = 'first' | 'again';

/** Brings a reserved effect to a known state. `recovering`: an earlier attempt held the reservation, and may have called. */
export async function executeEffect(
  effect: Effect,
  start: 'fresh' | 'recovering',
  approvalId: string | undefined,
): Promise<ActionResult> {
  const { tool } = effect;
  if (tool === undefined) return land(effect, { text: effect.envelope.args['text'] ?? '' }, 'ok', approvalId);
  if (start === 'fresh' || effect.attempt.nothingSentBefore) return callTool(effect, tool, 'first', approvalId);
  const retry = parseRetryClass(tool.manifest.retry);
  const recovery = recoveryOf(retry);
  switch (recovery) {
    case 'call-again':
      return callTool(effect, tool, 'again', approvalId);
    case 'probe':
      return probe(effect, tool, retry.kind === 'probe' ? retry.tool : '', approvalId);
    case 'in-doubt':
      return leaveInDoubt(effect, 'an attempt broke off, and the tool may not be called again');
    default:
      return assertNever(recovery);
  }
}

async function callTool(
  effect: Effect,
  tool: CatalogueTool,
  sending: Sending,
  approvalId: string | undefined,
): Promise<ActionResult> {
  try {
    const outcome = await send(effect, tool, effect.envelope.args);
    return await landOutcome(effect, outcome, approvalId);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return afterFailure(effect, tool, sending, error, approvalId);
  }
}

function send(
  { deps, run, action, envelope, attempt }: Effect,
  tool: CatalogueTool,
  args: JsonObject,
): Promise<ToolOutcome> {
  return deps.tools.call(
    {
      server: tool.server,
      tool: tool.announced.name,
      args,
      idempotencyKey: action.key,
      headers: { 'countersign-run-id': run.runId, traceparent: traceParent(envelope.workflowId, action.callId) },
      timeoutMs: durationMs(tool.manifest.timeout),
    },
    { signal: attempt.signal },
  );
}

function landOutcome(effect: Effect, outcome: ToolOutcome, approvalId: string | undefined): Promise<ActionResult> {
  switch (outcome.kind) {
    case 'result':
      return land(effect, outcome.value, 'ok', approvalId);
    case 'failed':
      return land(
        effect,
        { error: { code: 'tool-failed', rule: 'tool', message: outcome.message } },
        'tool-failed',
        approvalId,
      );
    default:
      return assertNever(outcome);
  }
}

/** The tool's failure decides: certainly not sent, perhaps sent, or answered with what cannot be used. */
async function afterFailure(
  effect: Effect,
  tool: CatalogueTool,
  sending: Sending,
  error: CountersignError,
  approvalId: string | undefined,
): Promise<ActionResult> {
  const isLast = effect.attempt.number >= attemptsBeforeGivingUp;
  if (effect.attempt.signal.aborted) throw error;
  switch (error.code) {
    case 'tool-unreachable':
      if (sending === 'first') effect.attempt.reportNothingSent();
      if (!isLast) throw error;
      if (sending === 'first' || tool.manifest.effect === 'read') {
        return giveUp(effect, 'The tool’s server could not be reached.');
      }
      return leaveInDoubt(effect, 'an earlier attempt may have arrived, and the server could not be reached again');
    case 'tool-outcome-unknown': {
      const mayCallAgain = recoveryOf(parseRetryClass(tool.manifest.retry)) !== 'in-doubt';
      if (mayCallAgain && !isLast) throw error;
      return leaveInDoubt(effect, 'the call was sent and its answer was lost');
    }
    case 'tool-answer-invalid': {
      const refusal = { code: 'tool-failed', rule: 'tool-answer', message: error.message };
      return land(effect, { error: refusal }, 'tool-failed', approvalId);
    }
    default:
      throw error;
  }
}

/** Asks the tool’s own record whether the effect happened: `{key}` → `{happened, result?}`. Anything less clear is doubt. */
async function probe(
  effect: Effect,
  tool: CatalogueTool,
  probeName: string,
  approvalId: string | undefined,
): Promise<ActionResult> {
  const probing = effect.deps.catalogue.tool(`${tool.server}.${probeName}`);
  if (probing === undefined) return leaveInDoubt(effect, 'the tool that tells whether it happened is gone');
  const answer = await askProbe(effect, probing);
  if (answer['happened'] === true) return land(effect, answer['result'] ?? {}, 'ok', approvalId);
  if (answer['happened'] === false) return callTool(effect, tool, 'first', approvalId);
  return leaveInDoubt(effect, 'the tool could not say whether it happened');
}

/** No answer is no answer: asked again while there are attempts, and then a doubt. */
async function askProbe(effect: Effect, probing: CatalogueTool): Promise<JsonObject> {
  try {
    const outcome = await send(effect, probing, { key: effect.action.key });
    return outcome.kind === 'result' && isJsonObject(outcome.value) ? outcome.value : {};
  } catch (error) {
    if (!(error instanceof CountersignError) || effect.attempt.signal.aborted) throw error;
    if (error.row.retryable && effect.attempt.number < attemptsBeforeGivingUp) throw error;
    return {};
  }
}
