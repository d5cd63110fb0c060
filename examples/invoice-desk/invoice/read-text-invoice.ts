import { type Cents, type Invoice, parseCents } from './invoice.ts';

/** The words under which small suppliers write the same few facts. */
const labels = {
  invoiceNumber: /^(?:invoice (?:number|no\.?)|rechnungs(?:nummer|-?nr\.?))$/i,
  issueDate: /^(?:invoice date|date|datum)$/i,
  supplierName: /^(?:from|supplier|seller|lieferant)$/i,
  poNumber: /^(?:purchase order|order(?: number)?|po(?: number)?|bestellung)$/i,
  iban: /^iban$/i,
  netTotal: /^(?:net(?: total)?|netto)$/i,
  taxTotal: /^(?:vat|tax|ust\.?)(?: \d{1,2} ?%)?$/i,
  payableAmount: /^(?:total(?: due)?|amount due|gesamt(?:betrag)?)$/i,
  note: /^(?:note|hinweis)$/i,
} as const;

type Label = keyof typeof labels;

/** An invoice written as `Label: value` lines; undefined where number, supplier or total is missing. */
export function readTextInvoice(text: string): Invoice | undefined {
  const found = new Map<Label, string[]>();
  for (const line of text.slice(0, 20_000).split(/\r?\n/).slice(0, 400)) {
    const [, name, value] = /^[\s>*-]{0,8}([\p{L}][\p{L} .%\d-]{0,30}):[ \t]+(\S.{0,300})$/u.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const label = (Object.keys(labels) as Label[]).find((key) => labels[key].test(name.trim()));
    if (label !== undefined) found.set(label, [...(found.get(label) ?? []), value.trim()]);
  }
  const first = (label: Label): string | undefined => found.get(label)?.[0];
  const total = money(first('payableAmount'));
  const invoiceNumber = first('invoiceNumber');
  const supplierName = first('supplierName');
  if (total === undefined || invoiceNumber === undefined || supplierName === undefined) return undefined;
  return {
    format: 'text',
    kind: 'invoice',
    invoiceNumber: invoiceNumber.slice(0, 64),
    issueDate: first('issueDate')?.slice(0, 10),
    supplierName: supplierName.slice(0, 200),
    poNumber: first('poNumber')?.slice(0, 64),
    iban: first('iban')?.replace(/\s/g, '').slice(0, 34),
    currency: total.currency,
    netTotal: money(first('netTotal'))?.amount,
    taxTotal: money(first('taxTotal'))?.amount,
    payableAmount: total.amount,
    lines: [],
    notes: found.get('note') ?? [],
  };
}

/** `1,284.50 EUR` or `EUR 1284.50`: a point for decimals, commas between thousands. */
function money(text: string | undefined): { amount: Cents; currency: string } | undefined {
  const [, before, digits, after] =
    /^([A-Z]{3})?\s?(\d[\d,]{0,14}(?:\.\d{1,2})?)\s?([A-Z]{3})?$/.exec(text ?? '') ?? [];
  const amount = parseCents(digits?.replace(/,/g, ''));
  const currency = before ?? after;
  return amount === undefined || currency === undefined ? undefined : { amount, currency };
}
