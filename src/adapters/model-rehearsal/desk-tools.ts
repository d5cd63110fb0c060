import type { ModelTool } from '../../ports/model.port.ts';

/** What a clerk does with tools; which tool does it is told from its name. */
export type Role =
  | 'listMessages'
  | 'readMessage'
  | 'readInvoice'
  | 'findOrder'
  | 'getSupplier'
  | 'findSupplier'
  | 'checkDuplicate'
  | 'findContact'
  | 'pay'
  | 'sendMail'
  | 'flag'
  | 'file';

const namePatterns: Readonly<Record<Role, RegExp>> = {
  listMessages: /^(?:list|search)_?(?:messages|mails?|emails?|inbox)$/i,
  readMessage: /^(?:read|get|open)_?(?:message|mail|email)$/i,
  readInvoice: /^(?:read|parse|open)_?invoice$/i,
  findOrder: /^(?:find|get|read)_?(?:purchase_?)?order$/i,
  getSupplier: /^(?:get|read)_?(?:supplier|vendor)$/i,
  findSupplier: /^(?:find|search)_?(?:supplier|vendor)s?$/i,
  checkDuplicate: /^(?:check|find)_?duplicates?$/i,
  findContact: /^(?:find|get)_?contact$/i,
  pay: /^(?:schedule|make|create|send)_?payment$/i,
  sendMail: /^send_?(?:e?mail|message)$/i,
  flag: /^flag/i,
  file: /^(?:file|move)_?(?:message|mail|email)$/i,
};

/** `server__tool` without its server. */
export function localName(offeredName: string): string {
  return offeredName.slice(offeredName.indexOf('__') + (offeredName.includes('__') ? 2 : 1));
}

export function roleOf(offeredName: string): Role | undefined {
  const name = localName(offeredName);
  return (Object.keys(namePatterns) as Role[]).find((role) => namePatterns[role].test(name));
}

/** The first tool of each role, out of those that are offered. */
export function recogniseTools(tools: readonly ModelTool[]): ReadonlyMap<Role, ModelTool> {
  const found = new Map<Role, ModelTool>();
  for (const tool of tools) {
    const role = roleOf(tool.name);
    if (role !== undefined && !found.has(role)) found.set(role, tool);
  }
  return found;
}
