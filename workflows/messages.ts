import { defineQuery, defineSignal } from '@temporalio/workflow';

/** The workflow type, as starters and the Temporal UI name it. */
export const agentRunType = 'agentRun';

/** What the API starts the workflow with. The rest is in the admission ticket, which the workflow cannot write. */
export interface RunStart {
  readonly tenant: string;
  readonly runId: string;
}

/** A hint that a verdict was stored. Anybody who can write to the namespace can send it, so it carries no authority. */
export const verdictSignal = defineSignal<[unknown]>('verdict');

/** A hint that the principal has said something to the run. It carries no text and no authority. */
export const steerSignal = defineSignal<[unknown]>('steer');

/** Where the run stands, for the SRE who has only the Temporal UI. */
export const statusQuery = defineQuery<RunStatus>('status');

export interface RunStatus {
  readonly state: 'resolving' | 'planning' | 'running' | 'waiting' | 'closing';
  readonly turn: number;
  readonly waitingFor: readonly { readonly approvalId: string; readonly tool: string; readonly expiresAt: string }[];
}
