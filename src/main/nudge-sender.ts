import { sendMail } from '../adapters/nudge-sender-smtp/send-mail.ts';
import { sendWebhook } from '../adapters/nudge-sender-webhook/send-webhook.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { NudgeSender } from '../ports/nudge-channels.port.ts';

/** Every medium behind one port. `timeoutMs`: for each wait for the other side. */
export function createNudgeSender(settings: { readonly timeoutMs?: number } = {}): NudgeSender {
  return {
    send(channel, nudge, signal) {
      switch (channel.medium) {
        case 'webhook':
          return sendWebhook(channel, nudge, signal, { ...settings, now: Date.now });
        case 'mail':
          return sendMail(channel, nudge, signal, settings);
        default:
          return assertNever(channel);
      }
    },
  };
}
