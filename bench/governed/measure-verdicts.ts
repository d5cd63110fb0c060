import { setTimeout as pause } from 'node:timers/promises';
import type { CountersignClient } from '../../src/client/create-client.ts';
import type { ApprovalView } from '../../src/contracts/http/approval.schema.ts';

/** How long a run may take to come to its next question, in milliseconds. */
const patienceMs = 30_000;
/** A person takes longer than this to answer: the run is at rest when the verdict comes. */
const restMs = 200;

interface AskingRun {
  readonly initiator: CountersignClient;
  readonly approver: CountersignClient;
  readonly runId: string;
  readonly steps: number;
}

/**
 * Approves every question of a run, and returns when each verdict was given, in epoch milliseconds, as the records
 * have it: before the verdict is signed and stored, so that both count.
 */
export async function measureVerdicts(run: AskingRun): Promise<readonly number[]> {
  const answered: string[] = [];
  for (let step = 0; step < run.steps; step += 1) {
    const { approvalId, actionDigest } = await nextQuestion(run, answered);
    await pause(restMs);
    await run.approver.approvals.decide(approvalId, { verdict: 'approve', actionDigest });
    answered.push(approvalId);
  }
  // Read afterwards: reading in between would keep the measured process busy.
  return await Promise.all(answered.map((approvalId) => verdictGivenAt(run.approver, approvalId)));
}

async function nextQuestion({ initiator, runId }: AskingRun, answered: readonly string[]): Promise<ApprovalView> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    await pause(50);
    const { items } = await initiator.approvals.list({ state: 'pending', runId });
    const open = items.find(({ approvalId }) => !answered.includes(approvalId));
    if (open) return open;
  }
  throw new Error(`the run ${runId} asked nothing`);
}

async function verdictGivenAt(client: CountersignClient, approvalId: string): Promise<number> {
  const { verdicts } = await client.approvals.get(approvalId);
  const [verdict] = verdicts;
  if (verdict === undefined) throw new Error(`${approvalId} has no verdict`);
  return Date.parse(verdict.at);
}
