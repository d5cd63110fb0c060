import type { JsonObject } from '../../domain/json.ts';
import type { ModelTool } from '../../ports/model.port.ts';
import type { CaseFile } from './case-file.ts';
import type { Clerk, WantedCall } from './clerk.ts';
import type { Role } from './desk-tools.ts';
import { numberField, objectField, objectsField, textField } from './json-fields.ts';
import { workMessage } from './work-message.ts';

const phases: Readonly<Record<Role, number>> = {
  listMessages: 0,
  readMessage: 1,
  readInvoice: 1,
  findOrder: 2,
  findSupplier: 2,
  getSupplier: 2,
  checkDuplicate: 2,
  findContact: 2,
  pay: 3,
  sendMail: 3,
  flag: 4,
  file: 4,
};

/** Every case as far as it goes; calls to make next are noted with the clerk. */
export function workMailbox(clerk: Clerk, listTool: ModelTool, task: string): readonly CaseFile[] {
  const messageIds = listAll(clerk, listTool, task);
  const cases = messageIds.map((messageId) => workMessage(clerk, messageId, { allRead: false }));
  const stillReading = clerk.wanted().some(({ role }) => phases[role] < phases.pay);
  if (stillReading) return cases;
  return messageIds.map((messageId) => workMessage(clerk, messageId, { allRead: true }));
}

/**
 * The wanted calls of the earliest phase: all reading first, then all looking up, then all paying.
 * So a payment that waits for a person keeps no other work waiting but the filing.
 */
export function callsOfThisTurn(wanted: readonly WantedCall[], most: number): readonly WantedCall[] {
  const phase = Math.min(...wanted.map(({ role }) => phases[role]));
  return wanted.filter(({ role }) => phases[role] === phase).slice(0, most);
}

/** Pages through the inbox. A task that names messages by their ids is about those alone. */
function listAll(clerk: Clerk, listTool: ModelTool, task: string): string[] {
  const limit = numberField(objectField(objectField(listTool.inputSchema, 'properties'), 'limit'), 'maximum');
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const args: JsonObject = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
    const page = clerk.ask('listMessages', args);
    if (page?.kind !== 'value') break;
    ids.push(...objectsField(page.value, 'messages').map((message) => textField(message, 'messageId') ?? ''));
    const next = textField(page.value, 'next');
    cursor = next === cursor ? undefined : next;
  } while (cursor !== undefined);
  const present = [...new Set(ids)].filter((id) => id !== '');
  const named = present.filter((id) => new RegExp(`(?<![\\w-])${id.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`).test(task));
  return named.length > 0 ? named : present;
}
