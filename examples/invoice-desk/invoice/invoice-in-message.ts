import { DeskRefusal } from '../desk/desk-refusal.ts';
import type { MailAttachment, MailMessage } from '../mail/parse-message.ts';
import type { Invoice } from './invoice.ts';
import { readTextInvoice } from './read-text-invoice.ts';
import { readUblInvoice } from './read-ubl-invoice.ts';

export interface InvoiceFound {
  /** The attachment's name; undefined where the invoice stands in the body. */
  readonly attachment: string | undefined;
  readonly invoice: Invoice;
}

/**
 * The invoice of a message: the attachment that is named, else the first XML, else the first text attachment, else the body.
 * Undefined where there is none; throws a DeskRefusal where there is one that cannot be read.
 */
export function invoiceInMessage(message: MailMessage, attachmentName?: string): InvoiceFound | undefined {
  const attachment = choose(message.attachments, attachmentName);
  if (attachment === undefined) {
    const invoice = readTextInvoice(message.text);
    return invoice && { attachment: undefined, invoice };
  }
  const text = decode(attachment);
  try {
    const invoice = isXml(attachment) ? readUblInvoice(text) : readTextInvoice(text);
    return invoice && { attachment: attachment.name, invoice };
  } catch (cause) {
    if (cause instanceof DeskRefusal) throw new DeskRefusal(`${attachment.name}: ${cause.message}`);
    throw cause;
  }
}

function choose(attachments: readonly MailAttachment[], name: string | undefined): MailAttachment | undefined {
  if (name === undefined) return attachments.find(isXml) ?? attachments.find(isText);
  const named = attachments.find((attachment) => attachment.name === name);
  if (named === undefined) throw new DeskRefusal('the message has no attachment of that name');
  if (!isXml(named) && !isText(named)) throw new DeskRefusal('only XML and plain text attachments can be read');
  return named;
}

const isXml = ({ mediaType }: MailAttachment): boolean => mediaType === 'application/xml' || mediaType === 'text/xml';
const isText = ({ mediaType }: MailAttachment): boolean => mediaType === 'text/plain';

function decode({ name, content }: MailAttachment): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new DeskRefusal(`${name}: the attachment is not UTF-8`);
  }
}
