import { proxyActivities } from '@temporalio/workflow';
import type { Message } from '../../src/domain/transcript.ts';
import type { PlainActivities } from './plain-activities.ts';

export interface PlainRun {
  readonly runId: string;
  readonly task: string;
}

const { callModel, callTool, doNothing } = proxyActivities<PlainActivities>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 3 },
});

/**
 * What a competent engineer writes on Temporal without Countersign: a loop of a model activity and a tool activity.
 * No policy, no ledger, no audit. It shows the model the task and the last exchange only, so a step costs the same
 * however many came before: the usual samples, which resend the whole transcript, are slower and fill their history.
 */
export async function plainRun({ runId, task }: PlainRun): Promise<string> {
  const opening: readonly Message[] = [
    { role: 'system', text: 'You note steps.' },
    { role: 'user', text: task },
  ];
  let lastExchange: readonly Message[] = [];
  for (let step = 1; ; step += 1) {
    const { text, toolCalls } = await callModel({ runId, messages: [...opening, ...lastExchange] });
    const [call] = toolCalls;
    if (!call) return text;
    const content = await callTool({ runId, name: call.name, args: call.args, key: `${runId}-${step}` });
    lastExchange = [
      { role: 'assistant', text, toolCalls: [call] },
      { role: 'tool', toolCallId: call.id, toolName: call.name, content },
    ];
  }
}

/** Milliseconds of each of `count` activities in a row that do nothing, after ten to warm up. */
export async function plainRoundTrips(count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let done = -10; done < count; done += 1) {
    const begun = Date.now();
    await doNothing();
    if (done >= 0) times.push(Date.now() - begun);
  }
  return times;
}
