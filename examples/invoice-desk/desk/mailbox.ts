import { type MailMessage, parseMessage } from '../mail/parse-message.ts';
import { DeskRefusal } from './desk-refusal.ts';
import type { DeskDatabase } from './desk-schema.ts';

export const folders = ['inbox', 'paid', 'review', 'credit-notes', 'archive'] as const;

export type Folder = (typeof folders)[number];

export interface StoredMessage {
  readonly messageId: string;
  readonly folder: string;
  readonly message: MailMessage;
}

export interface MessagePage {
  readonly items: readonly StoredMessage[];
  readonly total: number;
  /** Pass it as `cursor` to get the next page; undefined on the last. */
  readonly next: string | undefined;
}

/** Messages of a folder in the order of their ids, which is the order of arrival. */
export async function listMessages(
  database: DeskDatabase,
  { folder, cursor, limit }: { folder: Folder; cursor: string | undefined; limit: number },
): Promise<MessagePage> {
  const inFolder = database.selectFrom('messages').where('folder', '=', folder);
  const { total } = await inFolder.select((build) => build.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await inFolder
    .selectAll()
    .where('id', '>', cursor ?? '')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const items = await Promise.all(
    page.map(async (row) => ({ messageId: row.id, folder: row.folder, message: await parseMessage(row.raw) })),
  );
  return { items, total: Number(total), next: rows.length > limit ? page.at(-1)?.id : undefined };
}

/** Throws a DeskRefusal where there is no such message. */
export async function readMessage(database: DeskDatabase, messageId: string): Promise<StoredMessage> {
  const row = await database.selectFrom('messages').selectAll().where('id', '=', messageId).executeTakeFirst();
  if (row === undefined) throw new DeskRefusal('there is no message with this id');
  return { messageId, folder: row.folder, message: await parseMessage(row.raw) };
}

/** Where it is already there, nothing happens. */
export async function fileMessage(database: DeskDatabase, messageId: string, folder: Folder): Promise<void> {
  const moved = await database
    .updateTable('messages')
    .set({ folder })
    .where('id', '=', messageId)
    .returning('id')
    .executeTakeFirst();
  if (moved === undefined) throw new DeskRefusal('there is no message with this id');
}

/** Puts a message before a person. The same reason twice is one flag. */
export async function flagMessage(
  database: DeskDatabase,
  messageId: string,
  reason: string,
  flagId: string,
): Promise<void> {
  await readMessage(database, messageId);
  await database
    .insertInto('flags')
    .values({ id: flagId, message_id: messageId, reason, recorded_at: new Date().toISOString() })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
