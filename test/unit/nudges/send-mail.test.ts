import PostalMime from 'postal-mime';
import { afterEach, describe, expect, test } from 'vitest';
import { sendMail } from '../../../src/adapters/nudge-sender-smtp/send-mail.ts';
import type { MailChannel } from '../../../src/ports/nudge-channels.port.ts';
import { localhostCertificate } from '../../fakes/localhost-certificate.ts';
import { type SmtpReceiver, type SmtpReceiverOptions, startSmtpReceiver } from '../../fakes/smtp-receiver.ts';
import { loginOf, mailTo, never, nudge } from './nudge-fixture.ts';

let server: SmtpReceiver | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function started(options: SmtpReceiverOptions = {}): Promise<SmtpReceiver> {
  server = await startSmtpReceiver(options);
  return server;
}

const send = (channel: MailChannel, said = nudge) => sendMail(channel, said, never, { timeoutMs: 2_000 });

describe('a mail', () => {
  test('says agent, tool, risk, end and page, in plain text and in HTML', async () => {
    const { port, received } = await started();
    expect(await send(mailTo(port))).toEqual({ kind: 'sent' });
    expect(received).toMatchObject([{ from: 'countersign@example.test', to: ['ada@example.test'] }]);
    const mail = await PostalMime.parse(received[0]?.raw ?? '');
    expect(mail.subject).toBe('invoice-desk asks: Schedule a payment');
    expect(mail.messageId).toBe(`<${nudge.nudgeId}@example.test>`);
    for (const text of [mail.text, mail.html])
      for (const word of ['invoice-desk', 'invoices.schedule_payment', 'high', '2026-03-01 10:30 UTC', nudge.url])
        expect(text).toContain(word);
  });

  test.each(['starttls', 'implicit'] as const)('is encrypted and signed in for, with %s', async (tls) => {
    const login = { user: 'countersign', password: 'pass-word-1' };
    const { port, received } = await started({ login, ...(tls === 'implicit' && { implicit: true }) });
    const settings = { tls, ca: localhostCertificate, login: loginOf(login.user, login.password) };
    expect(await send(mailTo(port, settings))).toEqual({ kind: 'sent' });
    expect(received).toMatchObject([{ isEncrypted: true, user: 'countersign' }]);
  });

  test.each(['starttls', 'implicit'] as const)(
    'goes to no server with a certificate nobody trusts, with %s',
    async (tls) => {
      const { port, received } = await started(tls === 'implicit' ? { implicit: true } : {});
      expect(await send(mailTo(port, { tls }))).toMatchObject({
        kind: 'again',
        code: expect.stringMatching(/^e/) as string,
      });
      expect(received).toEqual([]);
    },
  );

  test('goes to no server that offers no encryption where it is asked for', async () => {
    const { port, received } = await started({ withoutTls: true });
    expect((await send(mailTo(port, { tls: 'starttls', ca: localhostCertificate }))).kind).not.toBe('sent');
    expect(received).toEqual([]);
  });

  test.each([
    [451, { kind: 'again', code: 'smtp-451' }],
    [550, { kind: 'refused', code: 'smtp-550' }],
  ])('that meets %i becomes %o, without the words of the server', async (code, outcome) => {
    const mail = await started();
    mail.refuse(code);
    expect(await send(mailTo(mail.port))).toEqual(outcome);
  });

  test('to a server that is not there is tried again later', async () => {
    const { port, close } = await started();
    await close();
    expect(await send(mailTo(port))).toMatchObject({ kind: 'again' });
    server = undefined;
  });

  test('has no header but its own, whatever a name holds', async () => {
    const { port, received } = await started();
    const hostile = 'desk\r\nBcc: eve@example.test\r\n\r\n<script>alert(1)</script>\u2028Bcc: eve@example.test';
    await send(mailTo(port), { ...nudge, agent: hostile, tool: hostile, deed: hostile });
    expect(received.map(({ to }) => to)).toEqual([['ada@example.test']]);
    const mail = await PostalMime.parse(received[0]?.raw ?? '');
    expect(mail.headers.map(({ key }) => key).sort()).toEqual(
      ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].sort(),
    );
    expect(received[0]?.raw).not.toContain('<script');
    expect(mail.html).not.toContain('<script');
  });
});
