import type { Nudge, NudgeOutcome } from '../../domain/nudge.ts';
import type { WebhookChannel } from '../../ports/nudge-channels.port.ts';
import { signedHeaders } from './sign-webhook.ts';
import { webhookBody } from './webhook-body.ts';

export const webhookTimeoutMs = 10_000;

export interface WebhookSettings {
  readonly now: () => number;
  /** From the request to the head of the answer. */
  readonly timeoutMs?: number;
}

/** Worth another try: the request came at a bad time, or the other side is not well. */
const passingStatus: ReadonlySet<number> = new Set([408, 425, 429]);

/** One signed POST. No redirect is followed, and of the answer nothing but its head is read. */
export async function sendWebhook(
  channel: WebhookChannel,
  nudge: Nudge,
  signal: AbortSignal,
  { now, timeoutMs = webhookTimeoutMs }: WebhookSettings,
): Promise<NudgeOutcome> {
  const body = webhookBody(nudge);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(channel.url.reveal(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'countersign',
        ...signedHeaders(nudge.nudgeId, now(), body, channel.key.reveal()),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    await answer.body?.cancel();
    return outcomeOf(answer, now());
  } catch (error) {
    return { kind: 'again', code: timeout.aborted ? 'timed-out' : failureCode(error) };
  }
}

function outcomeOf({ status, headers }: Response, now: number): NudgeOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status >= 300 && status < 400) return { kind: 'refused', code: 'redirected' };
  const code = `http-${status}`;
  if (status < 500 && !passingStatus.has(status)) return { kind: 'refused', code };
  const retryAfterMs = waitOf(headers.get('retry-after') ?? '', now);
  return { kind: 'again', code, ...(retryAfterMs > 0 && { retryAfterMs }) };
}

/** `Retry-After` in seconds or as a date; what cannot be read asks for nothing. */
function waitOf(text: string, now: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}

/** Node's own code of what went wrong underneath; never its message, which names the address. */
function failureCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)
    ? code.toLowerCase().replaceAll('_', '-')
    : 'unreachable';
}
