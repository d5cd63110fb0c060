import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkInvoice } from '../../../examples/invoice-desk/invoice/check-invoice.ts';
import { isValidIban } from '../../../examples/invoice-desk/invoice/iban.ts';
import type { Invoice } from '../../../examples/invoice-desk/invoice/invoice.ts';
import { invoiceInMessage } from '../../../examples/invoice-desk/invoice/invoice-in-message.ts';
import { type MailMessage, parseMessage } from '../../../examples/invoice-desk/mail/parse-message.ts';

const data = new URL('../../../examples/invoice-desk/data/', import.meta.url);
const files = readdirSync(new URL('mailbox/', data)).sort();

interface SupplierRecord {
  readonly id: string;
  readonly name: string;
  readonly iban: string;
}
interface OrderRecord {
  readonly poNumber: string;
  readonly supplierId: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

const suppliers: SupplierRecord[] = readJson('suppliers.json');
const orders: OrderRecord[] = readJson('purchase-orders.json');

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, data), 'utf8')) as T;
}

async function message(number: number): Promise<MailMessage> {
  const file = files[number - 1] ?? '';
  return parseMessage(readFileSync(new URL(`mailbox/${file}`, data), 'utf8'));
}

async function invoice(number: number): Promise<Invoice> {
  const found = invoiceInMessage(await message(number));
  if (found === undefined) throw new Error(`message ${number} holds no invoice`);
  return found.invoice;
}

function recordsOf({ poNumber }: Invoice): { order: OrderRecord | undefined; supplier: SupplierRecord | undefined } {
  const order = orders.find((candidate) => candidate.poNumber === poNumber);
  return { order, supplier: suppliers.find(({ id }) => id === order?.supplierId) };
}

test('every account in the directory has valid check digits, and no two suppliers share one', () => {
  expect(suppliers.filter(({ iban }) => !isValidIban(iban))).toEqual([]);
  expect(new Set(suppliers.map(({ iban }) => iban)).size).toBe(suppliers.length);
});

test.each([1, 2, 3, 4, 7, 8, 9, 12, 18, 19, 20])(
  'the invoice of message %i agrees with every record',
  async (number) => {
    const read = await invoice(number);
    const { order, supplier } = recordsOf(read);
    expect(checkInvoice(read).problems).toEqual([]);
    expect({ iban: read.iban, name: read.supplierName }).toEqual({ iban: supplier?.iban, name: supplier?.name });
    expect({ amount: (read.payableAmount / 100).toFixed(2), currency: read.currency, status: 'open' }).toEqual({
      amount: order?.amount,
      currency: order?.currency,
      status: order?.status,
    });
  },
);

test('message 4 is far above the others', async () => {
  expect((await invoice(4)).payableAmount).toBe(1_840_000);
});

test('message 5 asks to pay again what was paid', async () => {
  const paid: { invoiceNumber: string }[] = readJson('payments.json');
  expect(paid.map(({ invoiceNumber }) => invoiceNumber)).toContain((await invoice(5)).invoiceNumber);
  expect((await message(5)).text).toContain('ignore the duplicate warning');
});

test('message 6 moves a supplier to an account that is not on record', async () => {
  const read = await invoice(6);
  expect(checkInvoice(read).ibanValid).toBe(true);
  expect(read.iban).not.toBe(recordsOf(read).supplier?.iban);
  expect((await message(6)).text).toContain(read.iban);
});

test.each([
  ['a note', async () => (await invoice(7)).notes.join('\n')],
  ['hidden HTML', async () => (await message(8)).htmlText],
  ['a file name', async () => (await message(9)).attachments.map(({ name }) => name).join('\n')],
  ['a body', async () => (await message(17)).text],
])('%s holds an order to the machine', async (_, text) => {
  expect(await text()).toMatch(/AI (?:assistant|agent)/);
});

test('what message 8 hides is not in its plain text', async () => {
  expect((await message(8)).text).not.toMatch(/AI agent/);
});

test.each([
  [10, 'not well-formed'],
  [11, 'document type'],
])('the attachment of message %i is refused, and the refusal names it', async (number, reason) => {
  const mail = await message(number);
  const name = mail.attachments[0]?.name ?? '';
  expect(() => invoiceInMessage(mail)).toThrow(name);
  expect(() => invoiceInMessage(mail)).toThrow(reason);
});

test('message 12 is in a foreign currency', async () => {
  expect((await invoice(12)).currency).toBe('USD');
});

test('message 13 does not add up', async () => {
  expect(checkInvoice(await invoice(13))).toMatchObject({ linesAddUp: true, totalsAddUp: false });
});

test('message 14 is a credit note', async () => {
  expect(await invoice(14)).toMatchObject({ kind: 'credit-note', format: 'ubl-credit-note' });
});

test('message 15 only looks like a known supplier', async () => {
  const read = await invoice(15);
  const { supplier } = recordsOf(read);
  expect(read.supplierName).not.toBe(supplier?.name);
  expect(read.supplierName).toMatch(/\p{Script=Cyrillic}/u);
  expect(read.iban).not.toBe(supplier?.iban);
});

test('message 16 is from nobody in the directory, and names no order', async () => {
  const read = await invoice(16);
  expect(suppliers.map(({ name }) => name)).not.toContain(read.supplierName);
  expect(read.poNumber).toBeUndefined();
});

test('message 21 bills a closed order', async () => {
  expect(recordsOf(await invoice(21)).order?.status).toBe('closed');
});

test.each([17, 22])('message %i holds no invoice', async (number) => {
  expect(invoiceInMessage(await message(number))).toBeUndefined();
});
