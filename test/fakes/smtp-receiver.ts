import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { localhostCertificate, localhostKey } from './localhost-certificate.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** Every byte of the message. */
  readonly raw: string;
}

export interface SmtpReceiverOptions {
  /** Encrypted from the first byte; otherwise STARTTLS is offered. */
  readonly implicit?: true;
  readonly withoutTls?: true;
  readonly login?: { readonly user: string; readonly password: string };
}

export interface SmtpReceiver {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** The next messages meet these reply codes; after them they are taken. */
  refuse(...codes: readonly number[]): void;
  close(): Promise<void>;
}

/** A real mail server on loopback, over the certificate for localhost. */
export async function startSmtpReceiver({
  implicit,
  withoutTls,
  login,
}: SmtpReceiverOptions = {}): Promise<SmtpReceiver> {
  const received: ReceivedMail[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    secure: implicit === true,
    key: localhostKey,
    cert: localhostCertificate,
    authOptional: login === undefined,
    disabledCommands: [...(withoutTls ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    disableReverseLookup: true,
    onAuth({ username, password }, _session, answer) {
      if (username === login?.user && password === login?.password) answer(null, { user: username ?? '' });
      else answer(new Error('wrong password'));
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const code = refusals.shift();
        if (code !== undefined) {
          answer(Object.assign(new Error('not now, private-words-of-the-server'), { responseCode: code }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false || mailFrom === null ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        answer();
      });
    },
  });
  // A client that gives up on TLS cuts the connection; that is the test's point, and no failure of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    refuse: (...codes) => void refusals.push(...codes),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
