import type { ActionResult } from '../src/contracts/run-activities.ts';
import { traceParent } from '../src/digest/trace-parent.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Refusal, RefusalCode } from '../src/domain/decision.ts';
import { durationMs } from '../src/domain/duration.ts';
import { parseRetryClass, recoveryOf } from '../src/domain/effect.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../src/domain/json.ts';
import { type BlobRef, parseBlobRef } from '../src/ports/blob-store.port.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { LedgerRow } from '../src/ports/effect-ledger.port.ts';
import type { ToolOutcome } from '../src/ports/tool.port.ts';
import { actionRecords } from './action-records.ts';
import { attemptsBeforeGivingUp } from './attempt.ts';
import type { Effect } from './effect.ts';

/** Brings a reserved effect to a known state. `recovering`: an earlier attempt held the reservation, and may have called. */
export async function executeEffect(
  effect: Effect,
  start: 'fresh' | 'recovering',
  approvalId: string | undefined,
): Promise<ActionResult> {
  const { tool } = effect;
  if (tool === undefined) return land(effect, { text: effect.envelope.args['text'] ?? '' }, 'ok', approvalId);
  if (start === 'fresh') return callTool(effect, tool, approvalId);
  const retry = parseRetryClass(tool.manifest.retry);
  const recovery = recoveryOf(retry);
  switch (recovery) {
    case 'call-again':
      return callTool(effect, tool, approvalId);
    case 'probe':
      return probe(effect, tool, retry.kind === 'probe' ? retry.tool : '', approvalId);
    case 'in-doubt':
      return leaveInDoubt(effect, 'an attempt broke off, and the tool may not be called again');
    default:
      return assertNever(recovery);
  }
}

async function callTool(effect: Effect, tool: CatalogueTool, approvalId: string | undefined): Promise<ActionResult> {
  try {
    const outcome = await send(effect, tool, effect.envelope.args);
    return await landOutcome(effect, outcome, approvalId);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return afterFailure(effect, tool, error, approvalId);
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
  error: CountersignError,
  approvalId: string | undefined,
): Promise<ActionResult> {
  const isLast = effect.attempt.number >= attemptsBeforeGivingUp;
  if (effect.attempt.signal.aborted) throw error;
  switch (error.code) {
    case 'tool-unreachable':
      if (!isLast) throw error;
      return giveUp(effect, 'The tool’s server could not be reached.');
    case 'tool-outcome-unknown': {
      const mayCallAgain = recoveryOf(parseRetryClass(tool.manifest.retry)) !== 'in-doubt';
      if (mayCallAgain && !isLast) throw error;
      return leaveInDoubt(effect, 'the call was sent and its answer was lost');
    }
    case 'tool-answer-invalid':
      return land(
        effect,
        { error: { code: 'tool-failed', rule: 'tool-answer', message: error.message } },
        'tool-failed',
        approvalId,
      );
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
  const outcome = await send(effect, probing, { key: effect.action.key });
  const answer = outcome.kind === 'result' && isJsonObject(outcome.value) ? outcome.value : {};
  if (answer['happened'] === true) return land(effect, answer['result'] ?? {}, 'ok', approvalId);
  if (answer['happened'] === false) return callTool(effect, tool, approvalId);
  return leaveInDoubt(effect, 'the tool could not say whether it happened');
}

async function land(
  effect: Effect,
  value: JsonValue,
  outcome: string,
  approvalId: string | undefined,
): Promise<ActionResult> {
  const { deps, run, action } = effect;
  const resultRef = await deps.blobs.put(run.tenant, action.kind === 'answer' ? 'answer' : 'result', value);
  const at = isoTime(deps.clock);
  await deps.ledger.land(action.key, resultRef, at, [
    actionRecords(run, action, at).landed(resultRef, outcome, approvalId),
  ]);
  return { kind: 'landed', resultRef };
}

async function giveUp(effect: Effect, message: string): Promise<ActionResult> {
  const { deps, run, action } = effect;
  const refusal: Refusal = { code: 'tool-failed', rule: 'tool-unreachable', message };
  const at = isoTime(deps.clock);
  const records = actionRecords(run, action, at);
  const decision = {
    kind: 'deny',
    policyDigest: '',
    code: refusal.code,
    reasons: [{ rule: refusal.rule, message }],
  } as const;
  await deps.ledger.didNotHappen(action.key, await storeRefusal(effect, refusal), at, [
    records.didNotHappen(message),
    records.decided('effect', decision),
  ]);
  return { kind: 'refused', refusal };
}

async function leaveInDoubt(effect: Effect, reason: string): Promise<ActionResult> {
  const { deps, run, action } = effect;
  const at = isoTime(deps.clock);
  await deps.ledger.inDoubt(action.key, at, [actionRecords(run, action, at).inDoubt(reason)]);
  return doubt(reason);
}

function doubt(reason: string): ActionResult {
  return {
    kind: 'refused',
    refusal: {
      code: 'in-doubt',
      rule: 'effect-ledger',
      message: `Nobody knows whether this happened: ${reason}. Do not repeat it.`,
    },
  };
}

async function storeRefusal({ deps, run }: Effect, refusal: Refusal): Promise<BlobRef> {
  return deps.blobs.put(run.tenant, 'result', { error: { ...refusal } });
}

/** What an earlier attempt left in the ledger, as this attempt's own outcome. */
export async function outcomeOfRow(effect: Effect, row: LedgerRow): Promise<ActionResult> {
  switch (row.state) {
    case 'landed':
      if (row.outcomeRef === undefined) throw new CountersignError('blob-missing');
      return { kind: 'landed', resultRef: row.outcomeRef };
    case 'did-not-happen':
      return { kind: 'refused', refusal: await storedRefusal(effect, row) };
    case 'in-doubt':
      return doubt('an earlier attempt lost the answer');
    case 'reserved':
      throw new CountersignError('internal');
    default:
      return assertNever(row.state);
  }
}

async function storedRefusal({ deps, run }: Effect, row: LedgerRow): Promise<Refusal> {
  const stored =
    row.outcomeRef === undefined ? {} : await deps.blobs.get(run.tenant, 'result', parseBlobRef(row.outcomeRef));
  const error = isJsonObject(stored) ? stored['error'] : undefined;
  const text = (name: string, fallback: string) => {
    const value = isJsonObject(error) ? error[name] : undefined;
    return typeof value === 'string' ? value : fallback;
  };
  return {
    code: 'tool-failed' satisfies RefusalCode,
    rule: text('rule', 'tool'),
    message: text('message', 'The effect did not happen.'),
  };
}
