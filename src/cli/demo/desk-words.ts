import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { moneyWords } from '../timeline/money-words.ts';
import type { Deed, Wording } from '../timeline/wording.ts';

const suppliersSchema = z.array(z.object({ id: z.string(), name: z.string() }));

/** The invoice desk's own words. Names come from the operator's directory of suppliers, never from a message. */
export interface DeskWords {
  readonly wording: Wording;
  /** Amount, payee and invoice of a payment, for a table. */
  payment(args: JsonObject): { readonly money: string; readonly payee: string; readonly invoice: string };
  /** The text of one argument, safe to show. */
  text(args: JsonObject, name: string): string;
}

export function createDeskWords(suppliersFile: URL): DeskWords {
  const suppliers = new Map(
    suppliersSchema.parse(JSON.parse(readFileSync(suppliersFile, 'utf8'))).map(({ id, name }) => [id, name]),
  );
  const payment = (args: JsonObject) => ({
    money: moneyWords(textOf(args, 'amount'), textOf(args, 'currency')),
    payee: suppliers.get(textOf(args, 'supplierId')) ?? textOf(args, 'supplierId'),
    invoice: textOf(args, 'invoiceNumber'),
  });
  const wording: Wording = (tool, args) => {
    const text = (name: string): string => textOf(args, name);
    switch (tool) {
      case 'invoices.list_messages':
        return counted('list the mailbox', 'mailbox listed', 'mailbox listed {n} times');
      case 'invoices.read_message':
        return counted(`read ${text('messageId')}`, '{n} message read', '{n} messages read');
      case 'invoices.read_invoice':
        return counted(`read the invoice in ${text('messageId')}`, '{n} invoice read', '{n} invoices read');
      case 'invoices.file_message':
        return counted(
          `file ${text('messageId')} in ${text('folder')}`,
          `{n} message filed in ${text('folder')}`,
          `{n} messages filed in ${text('folder')}`,
        );
      case 'invoices.schedule_payment':
        return paymentDeed(payment(args), text('iban'));
      case 'invoices.send_email':
        return single(`mail ${text('to')}: “${text('subject')}”`, `mailed ${text('to')}: “${text('subject')}”`);
      case 'invoices.flag_for_review':
        return single(
          `flag ${text('messageId')}: ${text('reason')}`,
          `flagged ${text('messageId')}: ${text('reason')}`,
        );
      default:
        return recordTools.has(tool)
          ? counted('look up a record', '{n} record looked up', '{n} records looked up')
          : undefined;
    }
  };
  return { wording, payment, text: textOf };
}

const recordTools: ReadonlySet<string> = new Set(
  ['find_purchase_order', 'get_supplier', 'find_supplier', 'check_duplicate', 'find_contact', 'list_payments'].map(
    (name) => `invoices.${name}`,
  ),
);

/** What was paid went to the account on record; what is only wanted names the account, which is where frauds differ. */
function paymentDeed({ money, payee, invoice }: ReturnType<DeskWords['payment']>, iban: string): Deed {
  return single(
    `pay ${money} to ${payee}, account ${iban}, invoice ${invoice}`,
    `paid ${money} to ${payee}, invoice ${invoice}`,
  );
}

function single(wanted: string, done: string): Deed {
  return { kind: 'single', wanted, done };
}

function counted(wanted: string, one: string, many: string): Deed {
  return { kind: 'counted', wanted, one, many };
}

function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  return value === undefined ? 'none' : shownLine(typeof value === 'string' ? value : JSON.stringify(value));
}
