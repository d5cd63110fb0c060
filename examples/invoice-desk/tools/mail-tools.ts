import { createHash } from 'node:crypto';
import { z } from 'zod';
import { callOnce } from '../desk/call-once.ts';
import { fileMessage, flagMessage, listMessages, readMessage } from '../desk/mailbox.ts';
import { defineTool, readsOnly } from './desk-tool.ts';
import { email, folder, messageId } from './fields.schema.ts';

const sender = z.strictObject({ name: z.string(), address: z.string() });

export const listMessagesTool = defineTool({
  name: 'list_messages',
  title: 'List messages',
  description:
    'Lists the messages of one folder of the invoice mailbox, oldest first, one page at a time. Without a folder: the inbox.',
  annotations: readsOnly,
  input: z.strictObject({
    folder: folder.optional().describe('Folder to list; the inbox if left out.'),
    cursor: messageId.optional().describe('`next` of the page before.'),
    limit: z.int().min(1).max(50).optional().describe('Messages a page; 20 if left out.'),
  }),
  output: z.strictObject({
    messages: z.array(
      z.strictObject({
        messageId: z.string(),
        from: sender,
        subject: z.string(),
        receivedAt: z.string(),
        attachments: z.int(),
      }),
    ),
    total: z.int(),
    next: z.string().optional(),
  }),
  async run(args, { database }) {
    const { items, total, next } = await listMessages(database, {
      folder: args.folder ?? 'inbox',
      cursor: args.cursor,
      limit: args.limit ?? 20,
    });
    const messages = items.map(({ messageId, message: { from, subject, receivedAt, attachments } }) => ({
      messageId,
      from,
      subject,
      receivedAt,
      attachments: attachments.length,
    }));
    return { messages, total, ...(next !== undefined && { next }) };
  },
});

export const readMessageTool = defineTool({
  name: 'read_message',
  title: 'Read a message',
  description:
    'Reads one message: sender, subject, the text of its body, the text of its HTML part, and the names of its attachments.',
  annotations: readsOnly,
  input: z.strictObject({ messageId }),
  output: z.strictObject({
    messageId: z.string(),
    folder: z.string(),
    from: sender,
    to: z.array(z.string()),
    subject: z.string(),
    receivedAt: z.string(),
    text: z.string(),
    htmlText: z.string(),
    attachments: z.array(z.strictObject({ name: z.string(), mediaType: z.string(), sizeBytes: z.int() })),
  }),
  async run(args, { database }) {
    const { messageId, folder, message } = await readMessage(database, args.messageId);
    const attachments = message.attachments.map(({ name, mediaType, sizeBytes }) => ({ name, mediaType, sizeBytes }));
    return { ...message, messageId, folder, to: [...message.to], attachments };
  },
});

export const fileMessageTool = defineTool({
  name: 'file_message',
  title: 'File a message',
  description: 'Moves a message to a folder. Moving it where it already is changes nothing.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ messageId, folder: folder.describe('Folder to move it to.') }),
  output: z.strictObject({ messageId: z.string(), folder: z.string() }),
  async run(args, { database }) {
    await fileMessage(database, args.messageId, args.folder);
    return { messageId: args.messageId, folder: args.folder };
  },
});

export const flagForReviewTool = defineTool({
  name: 'flag_for_review',
  title: 'Flag a message for review',
  description:
    'Puts a message before a person of the accounts team, with the reason why. The same reason twice is one flag.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    messageId,
    reason: z.string().min(3).max(1_000).describe('What a person should look at, in a sentence or two.'),
  }),
  output: z.strictObject({ flagId: z.string(), messageId: z.string() }),
  async run(args, { database }) {
    const flagId = `FLAG-${shortDigest(args.messageId, args.reason)}`;
    await flagMessage(database, args.messageId, args.reason, flagId);
    return { flagId, messageId: args.messageId };
  },
});

export const sendEmailTool = defineTool({
  name: 'send_email',
  title: 'Send an e-mail',
  description:
    'Sends a plain-text e-mail to one recipient in the name of the accounts team. It leaves the company and cannot be called back.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    to: email,
    subject: z.string().min(1).max(200).describe('Subject line.'),
    body: z.string().min(1).max(10_000).describe('Plain text of the message.'),
  }),
  output: z.strictObject({ mailId: z.string(), status: z.literal('queued') }),
  async run(args, { database, requireKey }) {
    const key = requireKey();
    return callOnce(database, { key, tool: 'send_email', args }, async (transaction) => {
      const mailId = `MAIL-${shortDigest('send_email', key)}`;
      const recordedAt = new Date().toISOString();
      await transaction
        .insertInto('outbox')
        .values({ id: mailId, recipient: args.to, subject: args.subject, body: args.body, recorded_at: recordedAt })
        .execute();
      return { mailId, status: 'queued' as const };
    });
  },
});

function shortDigest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12).toUpperCase();
}
