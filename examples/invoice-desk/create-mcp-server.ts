import { McpServer } from '@modelcontextprotocol/server';
import type { DeskDatabase } from './desk/desk-schema.ts';
import type { DeskTool } from './tools/desk-tool.ts';
import {
  fileMessageTool,
  flagForReviewTool,
  listMessagesTool,
  readMessageTool,
  sendEmailTool,
} from './tools/mail-tools.ts';
import { cancelPaymentTool, listPaymentsTool, schedulePaymentTool } from './tools/payment-tools.ts';
import { readInvoiceTool } from './tools/read-invoice.tool.ts';
import {
  checkDuplicateTool,
  findContactTool,
  findPurchaseOrderTool,
  findSupplierTool,
  getSupplierTool,
} from './tools/record-tools.ts';

export const deskTools: readonly DeskTool[] = [
  listMessagesTool,
  readMessageTool,
  readInvoiceTool,
  findPurchaseOrderTool,
  getSupplierTool,
  findSupplierTool,
  checkDuplicateTool,
  findContactTool,
  schedulePaymentTool,
  cancelPaymentTool,
  listPaymentsTool,
  sendEmailTool,
  fileMessageTool,
  flagForReviewTool,
];

/** One instance an exchange; all state is in the database, none in a session. */
export function createDeskMcpServer(openDatabase: () => Promise<DeskDatabase>): McpServer {
  const server = new McpServer({ name: 'invoice-desk', version: '1.0.0' }, { capabilities: { tools: {} } });
  for (const tool of deskTools) tool.register(server, openDatabase);
  return server;
}
