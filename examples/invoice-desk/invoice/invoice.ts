/** An amount in hundredths of its currency; exact, so sums can be compared with `===`. */
export type Cents = number;

export interface InvoiceLine {
  readonly description: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly amount: Cents;
}

/** An invoice as its sender wrote it. Nothing in here is known to be true. */
export interface Invoice {
  readonly format: 'ubl-invoice' | 'ubl-credit-note' | 'text';
  readonly kind: 'invoice' | 'credit-note';
  readonly invoiceNumber: string;
  readonly issueDate: string | undefined;
  readonly supplierName: string;
  readonly poNumber: string | undefined;
  readonly iban: string | undefined;
  readonly currency: string;
  readonly netTotal: Cents | undefined;
  readonly taxTotal: Cents | undefined;
  readonly payableAmount: Cents;
  readonly lines: readonly InvoiceLine[];
  readonly notes: readonly string[];
}

/** Cents of `1284.50` or `1284.5`; undefined of anything else, more than two decimals included. */
export function parseCents(text: string | undefined): Cents | undefined {
  if (text === undefined || !/^-?\d{1,12}(?:\.\d{1,2})?$/.test(text)) return undefined;
  return Math.round(Number(text) * 100);
}
