import { z } from 'zod';
import { cancelPayment, listPayments, schedulePayment } from '../desk/payments.ts';
import { defineTool, readsOnly } from './desk-tool.ts';
import { amount, currency, iban, invoiceNumber, poNumber, storedAmount, supplierId } from './fields.schema.ts';

const paymentId = z
  .string()
  .regex(/^PAY-[A-Z0-9]{4,32}$/)
  .describe('Id of a payment.');
const status = z.enum(['scheduled', 'executed', 'cancelled']);

export const schedulePaymentTool = defineTool({
  name: 'schedule_payment',
  title: 'Schedule a payment',
  description:
    'Schedules the payment of one invoice for the next bank run. Money leaves the company. Give the supplier, the account to pay to, the amount, the purchase order and the invoice number.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    supplierId,
    iban: iban.describe('Account to pay to: IBAN without spaces.'),
    amount,
    currency,
    poNumber,
    invoiceNumber,
    reference: z.string().min(1).max(140).describe('Text that the payee sees on the statement.'),
  }),
  output: z.strictObject({ paymentId: z.string(), status: z.literal('scheduled') }),
  async run(args, { database, requireKey }) {
    return schedulePayment(database, requireKey(), args);
  },
});

export const cancelPaymentTool = defineTool({
  name: 'cancel_payment',
  title: 'Cancel a payment',
  description:
    'Takes back a scheduled payment before the bank run. Cancelling it again changes nothing; an executed payment cannot be cancelled.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ paymentId }),
  output: z.strictObject({ paymentId: z.string(), status: z.literal('cancelled') }),
  async run(args, { database }) {
    return cancelPayment(database, args.paymentId);
  },
});

export const listPaymentsTool = defineTool({
  name: 'list_payments',
  title: 'List payments',
  description:
    'Lists the payments in the ledger, oldest first, at most 500: executed ones of the past, scheduled and cancelled ones.',
  annotations: readsOnly,
  input: z.strictObject({ status: status.optional().describe('Only payments in this state.') }),
  output: z.strictObject({
    payments: z.array(
      z.strictObject({
        paymentId: z.string(),
        supplierId: z.string(),
        iban: z.string(),
        amount: storedAmount,
        currency: z.string(),
        poNumber: z.string(),
        invoiceNumber: z.string(),
        reference: z.string(),
        status,
        recordedAt: z.string(),
      }),
    ),
  }),
  async run(args, { database }) {
    const rows = await listPayments(database, args.status);
    const payments = rows.map((row) => ({
      paymentId: row.id,
      supplierId: row.supplier_id,
      iban: row.iban,
      amount: Number(row.amount),
      currency: row.currency,
      poNumber: row.po_number,
      invoiceNumber: row.invoice_number,
      reference: row.reference,
      status: status.parse(row.status),
      recordedAt: row.recorded_at,
    }));
    return { payments };
  },
});
