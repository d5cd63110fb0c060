import { createHash } from 'node:crypto';
import { isValidIban } from '../invoice/iban.ts';
import { callOnce } from './call-once.ts';
import { DeskRefusal } from './desk-refusal.ts';
import type { DeskDatabase, PaymentRow } from './desk-schema.ts';

export interface PaymentOrder {
  readonly supplierId: string;
  readonly iban: string;
  readonly amount: number;
  readonly currency: string;
  readonly poNumber: string;
  readonly invoiceNumber: string;
  readonly reference: string;
}

export interface ScheduledPayment {
  readonly paymentId: string;
  readonly status: 'scheduled';
}

/**
 * Books a payment that the bank run will execute. The desk checks form only, as a bank would: whether money is owed
 * to this account is not its business. One scheduled payment an invoice; its order counts as invoiced afterwards.
 */
export function schedulePayment(database: DeskDatabase, key: string, order: PaymentOrder): Promise<ScheduledPayment> {
  if (!isValidIban(order.iban)) throw new DeskRefusal('the IBAN is not valid');
  return callOnce(database, { key, tool: 'schedule_payment', args: { ...order } }, async (transaction) => {
    const paymentId = paymentIdFor(key);
    const booked = await transaction
      .insertInto('payments')
      .values({
        id: paymentId,
        supplier_id: order.supplierId,
        iban: order.iban,
        amount: order.amount.toFixed(2),
        currency: order.currency,
        po_number: order.poNumber,
        invoice_number: order.invoiceNumber,
        reference: order.reference,
        status: 'scheduled',
        recorded_at: new Date().toISOString(),
      })
      .onConflict((conflict) =>
        conflict.columns(['supplier_id', 'invoice_number']).where('status', '=', 'scheduled').doNothing(),
      )
      .returning('id')
      .executeTakeFirst();
    if (booked === undefined) throw new DeskRefusal('a payment for this invoice of this supplier is already scheduled');
    await moveOrder(transaction, order.poNumber, 'open', 'invoiced');
    return { paymentId, status: 'scheduled' };
  });
}

/** Takes a scheduled payment back before the bank run; again is the same as once. An executed payment stays. */
export async function cancelPayment(
  database: DeskDatabase,
  paymentId: string,
): Promise<{ paymentId: string; status: 'cancelled' }> {
  return database.transaction().execute(async (transaction) => {
    const payment = await transaction.selectFrom('payments').selectAll().where('id', '=', paymentId).executeTakeFirst();
    if (payment === undefined) throw new DeskRefusal('there is no payment with this id');
    if (payment.status === 'executed') throw new DeskRefusal('the payment was executed and cannot be cancelled');
    if (payment.status === 'scheduled') {
      await transaction.updateTable('payments').set({ status: 'cancelled' }).where('id', '=', paymentId).execute();
      await moveOrder(transaction, payment.po_number, 'invoiced', 'open');
    }
    return { paymentId, status: 'cancelled' };
  });
}

/** Payments that were made or will be, for this invoice of this supplier; cancelled ones do not count. */
export async function findDuplicates(
  database: DeskDatabase,
  supplierId: string,
  invoiceNumber: string,
  amount: number | undefined,
): Promise<string[]> {
  const rows = await database
    .selectFrom('payments')
    .select(['id', 'invoice_number', 'amount'])
    .where('supplier_id', '=', supplierId)
    .where('status', '!=', 'cancelled')
    .orderBy('id')
    .execute();
  const wanted = comparable(invoiceNumber);
  return rows
    .filter(
      (row) => comparable(row.invoice_number) === wanted && (amount === undefined || Number(row.amount) === amount),
    )
    .map((row) => row.id);
}

export async function listPayments(database: DeskDatabase, status: string | undefined): Promise<PaymentRow[]> {
  const query = database.selectFrom('payments').selectAll().orderBy('recorded_at').orderBy('id').limit(500);
  return (status === undefined ? query : query.where('status', '=', status)).execute();
}

/** The key names the effect, so the payment's id follows from it: the ledger is the same however often a crash interrupts. */
function paymentIdFor(key: string): string {
  return `PAY-${createHash('sha256').update(`schedule_payment\0${key}`).digest('hex').slice(0, 12).toUpperCase()}`;
}

/** `rg 2026/0117` is the same number as `RG-2026-0117` to a clerk, and so it is here. */
function comparable(invoiceNumber: string): string {
  return invoiceNumber
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

async function moveOrder(transaction: DeskDatabase, poNumber: string, from: string, to: string): Promise<void> {
  await transaction
    .updateTable('purchase_orders')
    .set({ status: to })
    .where('po_number', '=', poNumber)
    .where('status', '=', from)
    .execute();
}
