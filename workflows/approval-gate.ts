import { condition, sleep } from '@temporalio/workflow';
import type { RunKey } from '../src/contracts/run-activities.ts';
import { aboutAction, openApproval, settleApproval } from './activities.ts';
import type { ActionSlot } from './run-state.ts';
import { settle } from './run-state.ts';
import type { VerdictInbox } from './verdict-inbox.ts';

type Waiting = Extract<ActionSlot, { kind: 'waiting' }>;

export interface Gate {
  readonly run: RunKey;
  readonly inbox: VerdictInbox;
  /** True once the run has to continue as new: open questions are then carried along as they are. */
  readonly mustContinue: () => boolean;
  /** Whether there are refused signals to write. */
  readonly hasRefused: () => boolean;
  /** Writes refused signals into the audit outbox. */
  readonly recordRefused: () => Promise<void>;
}

/** A forged claim costs a look into the records; between two looks that found nothing we pause this long at most. */
const longestPauseMs = 2_000;

/** Opens the question to people. The row in SQL decides from here on; what the workflow knows is a copy. */
export async function ask(
  run: RunKey,
  inbox: VerdictInbox,
  slot: Extract<ActionSlot, { kind: 'asking' }>,
): Promise<Waiting> {
  const opened = await inbox.whileOpening(async () => {
    const row = await openApproval({ run, action: slot.action, decision: slot.decision });
    inbox.expect(row.approvalId);
    if (row.closed) inbox.lookAgain(row.approvalId);
    return row;
  });
  return { kind: 'waiting', action: slot.action, approvalId: opened.approvalId, expiresAt: opened.expiresAt };
}

/**
 * Waits until the records say that people have decided, or that their time is over.
 * Gives the slot back unchanged when the run must continue as new.
 */
export async function awaitVerdict(gate: Gate, slot: Waiting): Promise<ActionSlot> {
  const { inbox, hasRefused, mustContinue } = gate;
  const isDue = () => Date.now() >= Date.parse(slot.expiresAt);
  const hasNews = () => inbox.hasClaims(slot.approvalId) || hasRefused() || mustContinue();
  inbox.expect(slot.approvalId);
  let pauseMs = 50;
  while (!mustContinue()) {
    await condition(hasNews, Math.max(1, Date.parse(slot.expiresAt) - Date.now()), {
      summary: `${aboutAction(slot.action)}: people may answer`,
    });
    if (hasRefused()) await gate.recordRefused();
    if (isDue() || inbox.hasClaims(slot.approvalId)) {
      const claimed = inbox.takeClaims(slot.approvalId);
      const outcome = await look(gate, slot, claimed);
      if (outcome.kind !== 'pending') return decided(inbox, slot, outcome);
    }
    await sleep(pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
  return slot;
}

/** An edit opens another question on the way, whose first answer may be here before we know of it. */
function look({ run, inbox }: Gate, { action, approvalId }: Waiting, claimed: readonly string[]) {
  return inbox.whileOpening(async () => {
    const outcome = await settleApproval({ run, action, approvalId, claimed });
    if (outcome.kind !== 'edited') return outcome;
    inbox.expect(outcome.approvalId);
    if (outcome.closed) inbox.lookAgain(outcome.approvalId);
    return outcome;
  });
}

type Decided = Exclude<Awaited<ReturnType<typeof settleApproval>>, { kind: 'pending' }>;

function decided(inbox: VerdictInbox, slot: Waiting, outcome: Decided): ActionSlot {
  inbox.forget(slot.approvalId);
  switch (outcome.kind) {
    case 'approved':
      return { kind: 'approved', action: slot.action, approvalId: slot.approvalId };
    case 'edited': {
      const { action, approvalId, expiresAt } = outcome;
      return { kind: 'waiting', action, approvalId, expiresAt };
    }
    case 'refused':
      return settle(slot.action, outcome);
    default:
      return outcome satisfies never;
  }
}
