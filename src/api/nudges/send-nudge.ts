import { assertNever } from '../../domain/assert-never.ts';
import type { NudgeOutcome } from '../../domain/nudge.ts';
import { deedOf } from '../../domain/plain-words.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { NudgeChannel, NudgeSender } from '../../ports/nudge-channels.port.ts';
import type { DueNudge, NudgeStore } from '../../ports/nudge-store.port.ts';
import type { ApiLog } from '../log.ts';

/** Attempts at one message, over about two hours. */
export const maxNudgeAttempts = 14;
export const maxNudgeBackOffMs = 15 * 60 * 1_000;

export interface SendDependencies {
  readonly nudges: NudgeStore;
  readonly sender: NudgeSender;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Where people reach the pages, without a trailing slash. */
  readonly publicUrl: string;
  /** Pause after the first attempt; it doubles with each. */
  readonly firstBackOffMs: number;
}

/**
 * Sends a nudge that was claimed, and writes down what became of it. A crash in between leaves it claimed:
 * it is sent once more after that, under the same id. False: this channel had better rest for now.
 */
export async function sendNudge(
  dependencies: SendDependencies,
  channel: NudgeChannel,
  due: DueNudge,
  signal: AbortSignal,
): Promise<boolean> {
  const outcome = await attempt(dependencies, channel, due, signal);
  switch (outcome.kind) {
    case 'sent':
      await settle(dependencies, channel, due, 'sent');
      return true;
    case 'refused':
      await settle(dependencies, channel, due, 'failed', outcome.code);
      return true;
    case 'again':
      if (signal.aborted) return false;
      if (due.attempts >= maxNudgeAttempts) await settle(dependencies, channel, due, 'failed', outcome.code);
      else await postpone(dependencies, due, outcome);
      return false;
    default:
      return assertNever(outcome);
  }
}

async function attempt(
  { sender, publicUrl }: SendDependencies,
  channel: NudgeChannel,
  due: DueNudge,
  signal: AbortSignal,
): Promise<NudgeOutcome> {
  // The last attempt was claimed, and nobody lived to say how it ended.
  if (due.attempts > maxNudgeAttempts) return { kind: 'refused', code: 'gave-up' };
  const { nudgeId, occasion, approvalId, agent, tool, risk, expiresAt } = due;
  const url = `${publicUrl}/approvals/${approvalId}`;
  return sender.send(
    channel,
    { nudgeId, occasion, approvalId, agent, tool, deed: deedOf(tool), risk, expiresAt, url },
    signal,
  );
}

async function settle(
  { nudges, clock, log }: SendDependencies,
  { medium, name: channel }: NudgeChannel,
  { tenant, runId, nudgeId, approvalId, occasion, attempts }: DueNudge,
  state: 'sent' | 'failed',
  code = '',
): Promise<void> {
  const at = isoTime(clock);
  const body = { nudgeId, approvalId, occasion, channel, medium, attempts };
  const run = { tenant, runId };
  const facts = { approvalId, nudgeId, occasion, channel, attempts };
  if (state === 'sent') {
    await nudges.settle(nudgeId, 'sent', at, recordOf('nudge-sent', run, nudgeId, at, body));
    log.info('nudge-sent', facts);
    return;
  }
  await nudges.settle(nudgeId, 'failed', at, recordOf('nudge-failed', run, nudgeId, at, { ...body, code }), code);
  log.error('nudge-failed', { ...facts, code });
}

async function postpone(
  { nudges, clock, log, firstBackOffMs }: SendDependencies,
  { nudgeId, approvalId, occasion, channel, attempts }: DueNudge,
  { code, retryAfterMs = 0 }: Extract<NudgeOutcome, { kind: 'again' }>,
): Promise<void> {
  const pause = Math.min(Math.max(firstBackOffMs * 2 ** (attempts - 1), retryAfterMs), maxNudgeBackOffMs);
  await nudges.postpone(nudgeId, new Date(clock.now() + pause).toISOString(), code);
  log.info('nudge-postponed', { approvalId, nudgeId, occasion, channel, attempts, code });
}
