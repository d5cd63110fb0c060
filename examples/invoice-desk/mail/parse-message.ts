import PostalMime, { type Address, type Attachment } from 'postal-mime';
import { DeskRefusal } from '../desk/desk-refusal.ts';
import { htmlToText } from './html-to-text.ts';

export const maxMessageBytes = 1_000_000;
const maxTextCharacters = 20_000;
const maxAttachments = 16;

export interface MailAttachment {
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly content: Uint8Array;
}

export interface MailMessage {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  /** ISO 8601, from the message's own `Date`, which its sender chose. */
  readonly receivedAt: string;
  readonly text: string;
  /** The text of the HTML part, hidden elements included; empty where there is none. */
  readonly htmlText: string;
  readonly attachments: readonly MailAttachment[];
}

/** Parses RFC 5322 text within limits on size, header bytes and MIME depth; throws a DeskRefusal beyond them. */
export async function parseMessage(raw: string): Promise<MailMessage> {
  if (Buffer.byteLength(raw) > maxMessageBytes)
    throw new DeskRefusal(`the message is larger than ${maxMessageBytes} bytes`);
  const mail = await PostalMime.parse(raw, {
    maxNestingDepth: 8,
    maxHeadersSize: 64_000,
    maxRfc822NestingDepth: 0,
    forceRfc822Attachments: true,
  }).catch((cause: unknown) => {
    throw new DeskRefusal('the message is over the limits of the mail parser', { cause });
  });
  return {
    from: mailbox(mail.from),
    to: (mail.to ?? []).map((address) => mailbox(address).address),
    subject: (mail.subject ?? '').slice(0, 500),
    receivedAt: instant(mail.date),
    text: (mail.text ?? '').trim().slice(0, maxTextCharacters),
    htmlText: mail.html === undefined ? '' : htmlToText(mail.html).slice(0, maxTextCharacters),
    attachments: mail.attachments.slice(0, maxAttachments).map(toAttachment),
  };
}

function mailbox(address: Address | undefined): { name: string; address: string } {
  const first = address?.group?.[0] ?? address;
  return { name: (first?.name ?? '').slice(0, 200), address: (first?.address ?? '').toLowerCase().slice(0, 254) };
}

function instant(date: string | undefined): string {
  const time = new Date(date ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

function toAttachment(part: Attachment, index: number): MailAttachment {
  const content =
    typeof part.content === 'string' ? new TextEncoder().encode(part.content) : new Uint8Array(part.content);
  const name = (part.filename ?? `attachment-${index + 1}`).slice(0, 255);
  return { name, mediaType: part.mimeType, sizeBytes: content.byteLength, content };
}
