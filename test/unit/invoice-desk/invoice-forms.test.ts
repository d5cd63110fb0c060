import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInvoice } from '../../../examples/invoice-desk/invoice/check-invoice.ts';
import { isValidIban } from '../../../examples/invoice-desk/invoice/iban.ts';
import { type Invoice, parseCents } from '../../../examples/invoice-desk/invoice/invoice.ts';
import { readTextInvoice } from '../../../examples/invoice-desk/invoice/read-text-invoice.ts';
import { readCommandLine } from '../../../examples/invoice-desk/read-command-line.ts';

const iban = 'DE55999000000012034501';

describe('IBAN', () => {
  test('changing any one digit makes it invalid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: iban.length - 1 }), fc.integer({ min: 1, max: 9 }), (at, shift) => {
        const digit = (Number(iban[at]) + shift) % 10;
        expect(isValidIban(`${iban.slice(0, at)}${digit}${iban.slice(at + 1)}`)).toBe(false);
      }),
    );
  });

  test.each([iban.toLowerCase(), `${iban} `, 'DE5599900000001203450', '', 'ＤＥ55999000000012034501'])(
    '%j is not valid',
    (text) => {
      expect(isValidIban(text)).toBe(false);
    },
  );
});

describe('amounts', () => {
  test('what is written with two decimals is read exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (cents) => {
        expect(parseCents(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`)).toBe(cents);
      }),
    );
  });

  test.each(['1.234', '1e3', '1,00', '', '0x10', 'NaN', '-', '1.'])('%j is no amount', (text) => {
    expect(parseCents(text)).toBeUndefined();
  });
});

describe('text invoices', () => {
  const lines = [
    'Supplier: A Ltd',
    'Invoice number: A-1',
    'PO: PO-1',
    `IBAN: ${iban}`,
    'Net: 1,000.00 EUR',
    'VAT 19%: 190.00 EUR',
  ];

  test('labelled lines are read, in either notation of money', () => {
    const read = readTextInvoice([...lines, 'Total due: EUR 1190.00'].join('\r\n'));
    expect(read).toMatchObject({
      invoiceNumber: 'A-1',
      poNumber: 'PO-1',
      iban,
      payableAmount: 119_000,
      currency: 'EUR',
    });
    expect(read && checkInvoice(read).problems).toEqual([]);
  });

  test.each(['Total due: 1.190,00 EUR', 'Total due: 1190', 'Totally: 1190 EUR', ''])(
    'without a total that can be read there is no invoice: %j',
    (total) => {
      expect(readTextInvoice([...lines, total].join('\n'))).toBeUndefined();
    },
  );
});

test('a line may be half a cent off, and not more', () => {
  const base: Invoice = {
    format: 'ubl-invoice',
    kind: 'invoice',
    invoiceNumber: 'A-1',
    issueDate: undefined,
    supplierName: 'A Ltd',
    poNumber: undefined,
    iban,
    currency: 'EUR',
    netTotal: 333,
    taxTotal: 0,
    payableAmount: 333,
    lines: [{ description: '', quantity: 3, unitPrice: 1.1116, amount: 333 }],
    notes: [],
  };
  expect(checkInvoice(base).linesAddUp).toBe(true);
  expect(
    checkInvoice({ ...base, lines: [{ description: '', quantity: 3, unitPrice: 1.12, amount: 333 }] }).linesAddUp,
  ).toBe(false);
});

test.each([
  [[]],
  [['--http', '--stdio', '--data', 'd']],
  [['--http']],
  [['--http', '--data', 'd', '--port', '70000']],
  [['--http', '--data', 'd', '--port', '-1']],
  [['--http', '--data', 'd', '--other']],
])('the command line %j makes no sense', (args) => {
  expect(readCommandLine(args)).toBeUndefined();
});
