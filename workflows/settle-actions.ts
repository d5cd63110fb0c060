import type { CredentialedActivities } from './activities.ts';
import { ask, awaitVerdict, type Gate } from './approval-gate.ts';
import { type ActionSlot, settle } from './run-state.ts';

export interface Settling extends Gate {
  readonly activities: Pick<CredentialedActivities, 'performAction'>;
  /** Told whenever a slot changes, for the eyes of an SRE. */
  readonly onChange: (slots: readonly ActionSlot[]) => void;
}

/**
 * Brings every slot to its result, independent ones in parallel; order is kept.
 * A failure waits for the others: a run must not close while an effect of it is under way.
 */
export async function settleActions(settling: Settling, slots: readonly ActionSlot[]): Promise<readonly ActionSlot[]> {
  const current = [...slots];
  const advanceSlot = async (index: number): Promise<void> => {
    for (let slot = current[index]; slot !== undefined && slot.kind !== 'settled'; slot = current[index]) {
      const next = await advance(settling, slot);
      if (next === slot) return;
      current[index] = next;
      settling.onChange(current);
    }
  };
  // A promise costs a workflow thread far more than elsewhere, and most turns propose one action.
  if (current.length === 1) {
    await advanceSlot(0);
    return current;
  }
  const ends = await Promise.allSettled(current.map((_, index) => advanceSlot(index)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return current;
}

function advance(settling: Settling, slot: Exclude<ActionSlot, { kind: 'settled' }>): Promise<ActionSlot> {
  const { run, inbox } = settling;
  switch (slot.kind) {
    case 'allowed':
      return perform(settling, slot.action);
    case 'asking':
      return ask(run, inbox, slot);
    case 'waiting':
      return awaitVerdict(settling, slot);
    case 'approved':
      return perform(settling, slot.action, slot.approvalId);
    default:
      return slot satisfies never;
  }
}

function perform(settling: Settling, action: ActionSlot['action'], approvalId?: string): Promise<ActionSlot> {
  const approval = approvalId === undefined ? {} : { approvalId };
  return settling.activities
    .performAction({ run: settling.run, action, ...approval })
    .then((result) => settle(action, result));
}
