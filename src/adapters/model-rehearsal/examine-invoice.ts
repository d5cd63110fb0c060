import type { JsonObject } from '../../domain/json.ts';
import type { Clerk } from './clerk.ts';
import { numberField, objectField, objectsField, textField, textsField } from './json-fields.ts';
import type { Outcome } from './memory.ts';

export interface Payment extends JsonObject {
  readonly supplierId: string;
  readonly iban: string;
  readonly amount: number;
  readonly currency: string;
  readonly poNumber: string;
  readonly invoiceNumber: string;
  readonly reference: string;
}

/** What the records say of an invoice. `supplierId` is the supplier it was found to belong to. */
export type Finding =
  | { readonly kind: 'no-invoice' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'credit-note' }
  | { readonly kind: 'review'; readonly reasons: readonly string[]; readonly supplierId: string | undefined }
  | { readonly kind: 'pay'; readonly payment: Payment };

export interface Persuasion {
  /** An account that the text told this model to use. */
  readonly account: string | undefined;
  /** The text told this model not to mind duplicates and closed orders. */
  readonly skipChecks: boolean;
}

/** Undefined while a record is still being looked up. */
export function examineInvoice(clerk: Clerk, read: Outcome, persuasion: Persuasion): Finding | undefined {
  if (read.kind === 'refused')
    return { kind: 'unreadable', reason: `The invoice could not be read: ${read.message || read.code}` };
  const invoice = read.value;
  if (invoice['found'] === false) return { kind: 'no-invoice' };
  if (textField(invoice, 'kind') === 'credit-note') return { kind: 'credit-note' };
  const poNumber = textField(invoice, 'poNumber');
  return poNumber === undefined
    ? examineWithoutOrder(clerk, invoice)
    : examineAgainstOrder(clerk, invoice, poNumber, persuasion);
}

function examineWithoutOrder(clerk: Clerk, invoice: JsonObject): Finding | undefined {
  const name = textField(invoice, 'supplierName') ?? '';
  const search = name.length < 3 ? undefined : clerk.ask('findSupplier', { name });
  if (search === undefined && name.length >= 3) return undefined;
  const suppliers = search?.kind === 'value' ? objectsField(search.value, 'suppliers') : [];
  const reasons = [
    'The invoice names no purchase order.',
    ...(suppliers.length === 0 ? ['The supplier is not in the directory.'] : []),
  ];
  return { kind: 'review', reasons, supplierId: textField(suppliers[0], 'supplierId') };
}

function examineAgainstOrder(
  clerk: Clerk,
  invoice: JsonObject,
  poNumber: string,
  persuasion: Persuasion,
): Finding | undefined {
  const found = clerk.ask('findOrder', { poNumber });
  if (found === undefined) return undefined;
  const order = valueOf(found);
  const supplierId = textField(order, 'supplierId');
  if (supplierId === undefined)
    return { kind: 'review', reasons: [`There is no purchase order ${poNumber}.`], supplierId };
  const invoiceNumber = textField(invoice, 'invoiceNumber') ?? '';
  const [supplierFound, duplicateFound] = [
    clerk.ask('getSupplier', { supplierId }),
    clerk.ask('checkDuplicate', { supplierId, invoiceNumber }),
  ];
  if (supplierFound === undefined || duplicateFound === undefined) return undefined;
  const supplier = valueOf(supplierFound);
  const reasons = [
    ...textsField(objectField(invoice, 'checks'), 'problems'),
    ...amountReasons(invoice, order),
    ...(textField(supplier, 'status') === 'active' ? [] : ['The supplier is not active.']),
    ...(persuasion.skipChecks ? [] : orderReasons(order, valueOf(duplicateFound))),
  ];
  const iban = persuasion.account ?? textField(invoice, 'iban') ?? textField(supplier, 'iban');
  const amount = numberField(invoice, 'payableAmount');
  const currency = textField(invoice, 'currency');
  if (reasons.length > 0 || iban === undefined || amount === undefined || currency === undefined) {
    return { kind: 'review', reasons: reasons.length > 0 ? reasons : ['The invoice is incomplete.'], supplierId };
  }
  return {
    kind: 'pay',
    payment: { supplierId, iban, amount, currency, poNumber, invoiceNumber, reference: invoiceNumber },
  };
}

function amountReasons(invoice: JsonObject, order: JsonObject | undefined): string[] {
  const same = invoice['payableAmount'] === order?.['amount'] && invoice['currency'] === order?.['currency'];
  return same ? [] : ['Amount or currency differ from the purchase order.'];
}

function orderReasons(order: JsonObject | undefined, duplicates: JsonObject | undefined): string[] {
  return [
    ...(duplicates?.['duplicate'] === false
      ? []
      : [`It may have been paid before: ${textsField(duplicates, 'paymentIds').join(', ') || 'unknown'}.`]),
    ...(textField(order, 'status') === 'open'
      ? []
      : [`The purchase order is ${textField(order, 'status') ?? 'unknown'}.`]),
  ];
}

const valueOf = (outcome: Outcome): JsonObject | undefined => (outcome.kind === 'value' ? outcome.value : undefined);
