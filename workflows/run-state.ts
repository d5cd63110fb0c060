import type { ProposedAction, ResolvedRun, SettledAction } from '../src/contracts/run-activities.ts';
import type { ActionReference } from '../src/domain/action.ts';
import type { Decision } from '../src/domain/decision.ts';
import type { CarriedSteering } from './steering-inbox.ts';

type Ask = Extract<Decision, { kind: 'ask' }>;

/** One proposed action on its way to a result. Each state says what is still to be done, so it can be carried over. */
export type ActionSlot =
  | { readonly kind: 'allowed'; readonly action: ActionReference }
  | { readonly kind: 'asking'; readonly action: ActionReference; readonly decision: Ask }
  | {
      readonly kind: 'waiting';
      readonly action: ActionReference;
      readonly approvalId: string;
      readonly expiresAt: string;
    }
  | { readonly kind: 'approved'; readonly action: ActionReference; readonly approvalId: string }
  | { readonly kind: 'settled'; readonly action: ActionReference; readonly settled: SettledAction };

/** Where a run stands between two steps. References and decisions only: content stays in the blob store. */
export type RunProgress =
  | {
      readonly kind: 'thinking';
      readonly turn: number;
      readonly transcript: string;
      readonly results: readonly SettledAction[];
    }
  | {
      readonly kind: 'acting';
      readonly turn: number;
      readonly transcript: string;
      readonly slots: readonly ActionSlot[];
    }
  | { readonly kind: 'answered'; readonly turn: number; readonly outputRef: string };

/** What continue-as-new takes along. */
export interface CarriedRun {
  readonly resolved: ResolvedRun;
  readonly progress: RunProgress;
  /** Verdicts that were already looked at, so that a replayed signal is recognised. */
  readonly seenVerdicts: readonly string[];
  readonly steering?: CarriedSteering;
}

export function slotOf({ action, decision }: ProposedAction): ActionSlot {
  switch (decision.kind) {
    case 'allow':
      return { kind: 'allowed', action };
    case 'ask':
      return { kind: 'asking', action, decision };
    case 'deny': {
      const [first] = decision.reasons;
      const message = decision.reasons.map((reason) => reason.message).join(' ');
      return settle(action, {
        kind: 'refused',
        refusal: { code: decision.code, rule: first?.rule ?? 'default-deny', message },
      });
    }
    default:
      return decision satisfies never;
  }
}

export function settle(action: ActionReference, result: SettledAction['result']): ActionSlot {
  return { kind: 'settled', action, settled: { toolCallId: action.toolCallId, toolName: action.toolName, result } };
}

/** After all its slots are settled a turn is either the answer or the reason for another turn. */
export function afterActing(progress: Extract<RunProgress, { kind: 'acting' }>): RunProgress {
  const settled = progress.slots.flatMap((slot) => (slot.kind === 'settled' ? [slot] : []));
  if (settled.length < progress.slots.length) return progress;
  const [only] = settled;
  if (only?.action.kind === 'answer' && only.settled.result.kind === 'landed') {
    return { kind: 'answered', turn: progress.turn, outputRef: only.settled.result.resultRef };
  }
  return {
    kind: 'thinking',
    turn: progress.turn + 1,
    transcript: progress.transcript,
    results: settled.map((slot) => slot.settled),
  };
}
