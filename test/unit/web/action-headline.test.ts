import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SheetRow, sheetRows } from '../../../src/domain/action-sheet.ts';
import { deedOf, labelOf } from '../../../src/domain/plain-words.ts';
import { headlineOf } from '../../../src/web/action-headline.ts';
import { paymentArgs } from './fixtures/payment-approval.ts';

const route = (path: string, value: unknown): SheetRow => ({ path, role: 'route', json: JSON.stringify(value) });

describe('headlineOf', () => {
  test('an amount and the currency beside it are one money', () => {
    const rows = sheetRows(paymentArgs, { amount: 'route', currency: 'route', iban: 'route' });
    const headline = headlineOf('invoices.schedule_payment', rows);
    expect(headline.money).toEqual({ amount: '12400.00', currency: 'EUR' });
    expect(headline.facts.map((row) => row.path)).toEqual(['iban']);
  });

  test.each([
    ['an amount without a currency', [route('amount', '5.00')]],
    ['two amounts', [route('amount', '5.00'), route('total', '6.00'), route('currency', 'EUR')]],
    ['an amount that is no decimal', [route('amount', '5.00 (refund)'), route('currency', 'EUR')]],
    ['a currency that is no code', [route('amount', '5.00'), route('currency', 'EUR ')]],
    ['an amount in digits of another script', [route('amount', '\uff15.00'), route('currency', 'EUR')]],
    ['a currency that stands elsewhere', [route('amount', '5.00'), route('other.currency', 'EUR')]],
  ])('%s is no money, and its rows stay', (_what, rows) => {
    const headline = headlineOf('a.b', rows);
    expect(headline.money).toBeUndefined();
    expect(headline.facts).toEqual(rows);
  });

  test('no row of role route is ever left out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())), (args) => {
        const rows = sheetRows(args, Object.fromEntries(Object.keys(args).map((name) => [name, 'route'])));
        const { facts, money } = headlineOf('a.b', rows);
        expect(facts.length + (money === undefined ? 0 : 2)).toBe(rows.length);
      }),
    );
  });
});

test.each([
  ['invoices.schedule_payment', 'Schedule a payment'],
  ['invoices.send_email', 'Send an email'],
  ['invoices.list_messages', 'List messages'],
  ['invoices.flag_for_review', 'Flag for review'],
  ['crm.updateCustomerRecord', 'Update customer record'],
  ['run.answer', 'Give the answer'],
])('the deed of %s is “%s”', (tool, deed) => {
  expect(deedOf(tool)).toBe(deed);
});

test('labels keep abbreviations', () => {
  expect(labelOf('poNumber')).toBe('PO number');
  expect(labelOf('ibanOfSupplier')).toBe('IBAN of supplier');
});
