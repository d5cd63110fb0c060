import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Message } from '../../domain/transcript.ts';
import type { ModelTool } from '../../ports/model.port.ts';
import { localName, type Role, roleOf } from './desk-tools.ts';
import { findPayment } from './find-instructions.ts';

/** How often each tool is asked for when a whole mailbox is to be worked; a mailbox of thirty messages fits. */
const callsForMailbox: Readonly<Record<Role, number>> = {
  listMessages: 5,
  readMessage: 30,
  readInvoice: 30,
  findOrder: 30,
  getSupplier: 30,
  findSupplier: 10,
  checkDuplicate: 30,
  findContact: 10,
  pay: 25,
  sendMail: 5,
  flag: 30,
  file: 30,
};

const reading = /^(?:list|read|get|find|check|search|show)_?/i;

/** The arguments of `declare_mandate`: what the task seems to need, out of the tools that the planning prompt names. */
export function draftMandate(messages: readonly Message[], planner: ModelTool | undefined): JsonObject {
  const task = plannedTask(messages);
  const offered = [...new Set([...namesIn(messages), ...enumeratedNames(planner?.inputSchema)])];
  const wanted = offered.flatMap((name) => {
    const maxCalls = callsFor(name, task);
    return maxCalls === 0 ? [] : [{ name, maxCalls }];
  });
  const rationale = `The task reads “${task.replace(/\s+/g, ' ').slice(0, 160)}”. These tools, so often, should do.`;
  return { tools: wanted, rationale };
}

/**
 * The task without the list of tools that stands beside it, so that a tool's description is not taken for the wish to use it.
 * Where the user's words only point to the instructions, those are the task.
 */
function plannedTask(messages: readonly Message[]): string {
  const said = withoutTools(taskOf(messages));
  const instructions = messages.flatMap((message) => (message.role === 'system' ? [withoutTools(message.text)] : []));
  return !isMailboxTask(said) && /\binstructions\b/i.test(said) ? [said, ...instructions].join('\n') : said;
}

const withoutTools = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes('__'))
    .join('\n')
    .trim();

/** The principal's own words: what the user said, joined. */
export function taskOf(messages: readonly Message[]): string {
  return messages.flatMap((message) => (message.role === 'user' ? [message.text] : [])).join('\n');
}

/** True of tasks that are about a mailbox as a whole or some of its messages. */
export function isMailboxTask(task: string): boolean {
  return /\b(?:mailbox|inbox|mails?|e-?mails?|messages?|invoices?)\b/i.test(task);
}

function callsFor(name: string, task: string): number {
  const role = roleOf(name);
  if (findPayment(task) !== undefined) return role === 'pay' ? 1 : 0;
  if (role !== undefined) return isMailboxTask(task) ? callsForMailbox[role] : 0;
  return mentions(task, name) ? (reading.test(localName(name)) ? 10 : 1) : 0;
}

/** True where every word of a tool's name is in the task: `cancel_payment` in “cancel the payment …”. */
function mentions(task: string, name: string): boolean {
  const words = localName(name).toLowerCase().split(/[_-]+/);
  return words.every((word) => task.toLowerCase().includes(word));
}

function namesIn(messages: readonly Message[]): string[] {
  const trusted = messages.filter((message) => message.role === 'system' || message.role === 'user');
  return trusted.flatMap(
    ({ text }) => text.match(/\b[A-Za-z][A-Za-z0-9_-]{0,31}?__[A-Za-z][A-Za-z0-9_-]{0,63}/g) ?? [],
  );
}

/** Names that the planner's own schema lists, wherever it lists them. */
function enumeratedNames(schema: JsonValue | undefined): string[] {
  if (Array.isArray(schema)) return schema.flatMap(enumeratedNames);
  if (!isJsonObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'enum' && Array.isArray(value)
      ? value.filter((item) => typeof item === 'string' && item.includes('__'))
      : enumeratedNames(value),
  );
}
