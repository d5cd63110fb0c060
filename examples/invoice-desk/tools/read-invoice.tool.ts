import { z } from 'zod';
import { readMessage } from '../desk/mailbox.ts';
import { checkInvoice } from '../invoice/check-invoice.ts';
import type { Cents } from '../invoice/invoice.ts';
import { type InvoiceFound, invoiceInMessage } from '../invoice/invoice-in-message.ts';
import { defineTool, readsOnly } from './desk-tool.ts';
import { messageId, storedAmount } from './fields.schema.ts';

const output = z.strictObject({
  messageId: z.string(),
  found: z.boolean(),
  attachment: z.string().optional(),
  format: z.enum(['ubl-invoice', 'ubl-credit-note', 'text']).optional(),
  kind: z.enum(['invoice', 'credit-note']).optional(),
  invoiceNumber: z.string().optional(),
  issueDate: z.string().optional(),
  supplierName: z.string().optional(),
  poNumber: z.string().optional(),
  iban: z.string().optional(),
  currency: z.string().optional(),
  netTotal: storedAmount.optional(),
  taxTotal: storedAmount.optional(),
  payableAmount: storedAmount.optional(),
  lines: z
    .array(
      z.strictObject({ description: z.string(), quantity: z.number(), unitPrice: z.number(), amount: storedAmount }),
    )
    .optional(),
  notes: z.array(z.string()).optional(),
  checks: z
    .strictObject({
      linesAddUp: z.boolean(),
      totalsAddUp: z.boolean(),
      ibanValid: z.boolean(),
      problems: z.array(z.string()),
    })
    .optional(),
});

export const readInvoiceTool = defineTool({
  name: 'read_invoice',
  title: 'Read an invoice',
  description:
    'Reads the invoice or credit note of a message, from its UBL or text attachment or from its body: number, supplier, purchase order, IBAN, amounts, lines, the notes as free text, and whether the sums add up. `found` is false where the message holds none.',
  annotations: readsOnly,
  input: z.strictObject({
    messageId,
    attachment: z.string().min(1).max(255).optional().describe('Name of the attachment, where there are several.'),
  }),
  output,
  async run(args, { database }) {
    const { message } = await readMessage(database, args.messageId);
    const found = invoiceInMessage(message, args.attachment);
    return { messageId: args.messageId, found: found !== undefined, ...(found && fieldsOf(found)) };
  },
});

function fieldsOf({ attachment, invoice }: InvoiceFound): Partial<z.infer<typeof output>> {
  const { problems, ...checks } = checkInvoice(invoice);
  return {
    format: invoice.format,
    kind: invoice.kind,
    invoiceNumber: invoice.invoiceNumber,
    supplierName: invoice.supplierName,
    currency: invoice.currency,
    payableAmount: units(invoice.payableAmount),
    lines: invoice.lines.map((line) => ({ ...line, amount: units(line.amount) })),
    notes: [...invoice.notes],
    checks: { ...checks, problems: [...problems] },
    ...(attachment !== undefined && { attachment }),
    ...(invoice.issueDate !== undefined && { issueDate: invoice.issueDate }),
    ...(invoice.poNumber !== undefined && { poNumber: invoice.poNumber }),
    ...(invoice.iban !== undefined && { iban: invoice.iban }),
    ...(invoice.netTotal !== undefined && { netTotal: units(invoice.netTotal) }),
    ...(invoice.taxTotal !== undefined && { taxTotal: units(invoice.taxTotal) }),
  };
}

const units = (cents: Cents): number => cents / 100;
