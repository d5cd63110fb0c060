import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { RunStatus } from './messages.ts';
import type { ActionSlot } from './run-state.ts';

const runStateKey = defineSearchAttributeKey('RunState', SearchAttributeType.KEYWORD);
const riskTierKey = defineSearchAttributeKey('RiskTier', SearchAttributeType.KEYWORD);
const approvalStateKey = defineSearchAttributeKey('ApprovalState', SearchAttributeType.KEYWORD);

/** What the Temporal UI shows of a run: nothing personal, since search attributes and details of a list are not encrypted. */
export interface RunVisibility {
  readonly status: () => RunStatus;
  classify(risk: string): void;
  enter(state: RunStatus['state'], turn: number): void;
  showSlots(slots: readonly ActionSlot[]): void;
  close(state: string): void;
}

export function openRunVisibility(): RunVisibility {
  let status: RunStatus = { state: 'resolving', turn: 0, waitingFor: [] };

  const show = (next: RunStatus) => {
    const wasWaiting = status.waitingFor.length > 0;
    const isWaiting = next.waitingFor.length > 0;
    status = next;
    if (wasWaiting === isWaiting) {
      if (isWaiting) setCurrentDetails(detailsOf(next));
      return;
    }
    setCurrentDetails(isWaiting ? detailsOf(next) : '');
    upsertSearchAttributes([
      { key: runStateKey, value: isWaiting ? 'waiting' : 'running' },
      { key: approvalStateKey, value: isWaiting ? 'pending' : 'none' },
    ]);
  };

  return {
    status: () => status,
    classify: (risk) => upsertSearchAttributes([{ key: riskTierKey, value: risk }]),
    enter: (state, turn) => show({ ...status, state, turn, waitingFor: state === 'waiting' ? status.waitingFor : [] }),
    showSlots: (slots) => {
      const waitingFor = slots.flatMap((slot) =>
        slot.kind === 'waiting'
          ? [{ approvalId: slot.approvalId, tool: slot.action.tool, expiresAt: slot.expiresAt }]
          : [],
      );
      show({ ...status, state: waitingFor.length > 0 ? 'waiting' : 'running', waitingFor });
    },
    close: (state) => upsertSearchAttributes([{ key: runStateKey, value: state }]),
  };
}

function detailsOf(status: RunStatus): string {
  const lines = status.waitingFor.map(
    ({ approvalId, tool, expiresAt }) => `- **${tool}**, approval \`${approvalId}\`, until ${expiresAt}`,
  );
  return [`Waiting for people, turn ${status.turn}:`, '', ...lines, '', 'Silence is a rejection.'].join('\n');
}
