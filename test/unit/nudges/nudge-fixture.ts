import { randomBytes } from 'node:crypto';
import type { Nudge } from '../../../src/domain/nudge.ts';
import type {
  MailChannel,
  NudgeChannel,
  SmtpSettings,
  WebhookChannel,
} from '../../../src/ports/nudge-channels.port.ts';

export const signingKey = `whsec_${randomBytes(32).toString('base64')}`;

export const nudge: Nudge = {
  nudgeId: `nudge_${'1'.repeat(32)}`,
  occasion: 'opened',
  approvalId: `apr_${'2'.repeat(32)}`,
  agent: 'invoice-desk',
  tool: 'invoices.schedule_payment',
  deed: 'Schedule a payment',
  risk: 'high',
  expiresAt: '2026-03-01T10:30:00.000Z',
  url: `https://countersign.example.test/approvals/apr_${'2'.repeat(32)}`,
};

export const never = new AbortController().signal;

const secret = (text: string) => ({ reveal: () => text });

export function webhookTo(url: string, name = 'chat'): WebhookChannel {
  return { medium: 'webhook', name, url: secret(url), key: secret(signingKey) };
}

export function mailTo(port: number, change: Partial<SmtpSettings> = {}, address = 'ada@example.test'): MailChannel {
  const smtp: SmtpSettings = { host: '127.0.0.1', port, tls: 'none', from: 'countersign@example.test', ...change };
  return { medium: 'mail', name: 'ada', address, smtp };
}

export function byName(...channels: readonly NudgeChannel[]): ReadonlyMap<string, NudgeChannel> {
  return new Map(channels.map((channel) => [channel.name, channel]));
}

export const loginOf = (user: string, password: string) => ({ user, password: secret(password) });
