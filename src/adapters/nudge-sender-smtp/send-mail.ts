import { createTransport } from 'nodemailer';
import type { Nudge, NudgeOutcome } from '../../domain/nudge.ts';
import type { MailChannel, SmtpSettings } from '../../ports/nudge-channels.port.ts';
import { mailMessage } from './mail-message.ts';

/** For each wait for the server. */
export const smtpTimeoutMs = 10_000;
export const smtpWholeTimeoutMs = 30_000;

export interface MailSettings {
  readonly timeoutMs?: number;
}

/** One mail to one person over a connection of its own. */
export async function sendMail(
  { smtp, address }: MailChannel,
  nudge: Nudge,
  signal: AbortSignal,
  { timeoutMs = smtpTimeoutMs }: MailSettings,
): Promise<NudgeOutcome> {
  const transport = createTransport(transportOptions(smtp, timeoutMs));
  const { promise: brokenOff, resolve } = Promise.withResolvers<NudgeOutcome>();
  const stop = () => resolve({ kind: 'again', code: 'broken-off' });
  const timer = setTimeout(() => resolve({ kind: 'again', code: 'timed-out' }), smtpWholeTimeoutMs);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const delivery = transport
      .sendMail({
        from: { name: 'Countersign', address: smtp.from },
        to: { name: '', address },
        ...mailMessage(nudge),
        // The same for every attempt: mailboxes and filters know a repetition by it.
        messageId: `<${nudge.nudgeId}@${smtp.from.slice(smtp.from.indexOf('@') + 1)}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      .then((): NudgeOutcome => ({ kind: 'sent' }), outcomeOf);
    return await Promise.race([delivery, brokenOff]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

function transportOptions({ host, port, tls, login, ca }: SmtpSettings, timeoutMs: number) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) } as const,
    ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    maxResponseSize: 65_536,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The server's own words may quote addresses, so only its number is kept. */
function outcomeOf(error: unknown): NudgeOutcome {
  if (!(error instanceof Error)) return { kind: 'again', code: 'unreachable' };
  const status = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  if (status !== undefined) {
    const isFinal = 'permanent' in error && error.permanent === true;
    return { kind: isFinal ? 'refused' : 'again', code: `smtp-${status}` };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { kind: 'again', code: /^E[A-Z0-9]{1,32}$/.test(code) ? code.toLowerCase() : 'unreachable' };
}
