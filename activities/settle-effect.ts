import type { ActionResult } from '../src/contracts/run-activities.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Refusal, RefusalCode } from '../src/domain/decision.ts';
import { isJsonObject, type JsonValue } from '../src/domain/json.ts';
import { type BlobRef, parseBlobRef } from '../src/ports/blob-store.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { LedgerRow } from '../src/ports/effect-ledger.port.ts';
import { actionRecords } from './action-records.ts';
import type { Effect } from './effect.ts';

/** The tool has answered. `outcome`: `ok`, or the code that the model is told. */
export async function land(
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

/** Nothing was ever sent, or nothing that changes anything. */
export async function giveUp(effect: Effect, message: string): Promise<ActionResult> {
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

export async function leaveInDoubt(effect: Effect, reason: string): Promise<ActionResult> {
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
