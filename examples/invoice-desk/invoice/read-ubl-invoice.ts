import { DeskRefusal } from '../desk/desk-refusal.ts';
import { type Cents, type Invoice, type InvoiceLine, parseCents } from './invoice.ts';
import { elementAt, readXml, textAt, type XmlElement } from './read-xml.ts';

const maxLines = 200;
const maxNotes = 20;
const maxNoteCharacters = 2_000;

const documents = {
  'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2 Invoice': {
    format: 'ubl-invoice',
    kind: 'invoice',
    line: 'InvoiceLine',
    quantity: 'InvoicedQuantity',
  },
  'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2 CreditNote': {
    format: 'ubl-credit-note',
    kind: 'credit-note',
    line: 'CreditNoteLine',
    quantity: 'CreditedQuantity',
  },
} as const;

type Document = (typeof documents)[keyof typeof documents];

/** Reads the core fields of EN 16931 from UBL 2.1 (Invoice or CreditNote). Throws a DeskRefusal naming the field at fault. */
export function readUblInvoice(xml: string): Invoice {
  const root = readXml(xml);
  const document = documentOf(root);
  const supplier = elementAt(root, 'AccountingSupplierParty', 'Party');
  const totals = elementAt(root, 'LegalMonetaryTotal');
  if (supplier === undefined) throw new DeskRefusal('the invoice names no AccountingSupplierParty');
  if (totals === undefined) throw new DeskRefusal('the invoice has no LegalMonetaryTotal');
  return {
    format: document.format,
    kind: document.kind,
    invoiceNumber: required(root, 'ID').slice(0, 64),
    issueDate: textAt(root, 'IssueDate')?.slice(0, 10),
    supplierName: (
      textAt(supplier, 'PartyLegalEntity', 'RegistrationName') ?? required(supplier, 'PartyName', 'Name')
    ).slice(0, 200),
    poNumber: textAt(root, 'OrderReference', 'ID')?.slice(0, 64),
    iban: textAt(root, 'PaymentMeans', 'PayeeFinancialAccount', 'ID')?.replace(/\s/g, '').slice(0, 34),
    currency: currencyOf(root),
    netTotal: parseCents(textAt(totals, 'TaxExclusiveAmount')),
    taxTotal: parseCents(textAt(root, 'TaxTotal', 'TaxAmount')),
    payableAmount: cents(totals, 'PayableAmount'),
    lines: linesOf(root, document),
    notes: notesOf(root),
  };
}

function documentOf(root: XmlElement): Document {
  const document = Object.entries(documents).find(([name]) => name === `${root.namespace} ${root.name}`)?.[1];
  if (document === undefined) throw new DeskRefusal('the XML is neither a UBL Invoice nor a UBL CreditNote');
  return document;
}

function currencyOf(root: XmlElement): string {
  const currency = required(root, 'DocumentCurrencyCode');
  if (!/^[A-Z]{3}$/.test(currency)) throw new DeskRefusal('DocumentCurrencyCode is no ISO 4217 code');
  return currency;
}

function linesOf(root: XmlElement, { line, quantity }: Document): InvoiceLine[] {
  const elements = root.children.filter((child) => child.name === line);
  if (elements.length > maxLines) throw new DeskRefusal(`the invoice has more than ${maxLines} lines`);
  return elements.map((element) => ({
    description: (textAt(element, 'Item', 'Name') ?? '').slice(0, 200),
    quantity: finite(textAt(element, quantity), quantity),
    unitPrice: finite(textAt(element, 'Price', 'PriceAmount'), 'PriceAmount'),
    amount: cents(element, 'LineExtensionAmount'),
  }));
}

/** Notes of the document and of its lines: free text, written by whoever made the file. */
function notesOf(root: XmlElement): string[] {
  const inLines = root.children.flatMap((child) => (child.name.endsWith('Line') ? child.children : []));
  return [...root.children, ...inLines]
    .filter((element) => element.name === 'Note')
    .map((note) => note.text.trim().slice(0, maxNoteCharacters))
    .slice(0, maxNotes);
}

function required(from: XmlElement, ...path: readonly string[]): string {
  const text = textAt(from, ...path);
  if (text === undefined) throw new DeskRefusal(`the invoice has no ${path.join('/')}`);
  return text;
}

function cents(from: XmlElement, name: string): Cents {
  const amount = parseCents(required(from, name));
  if (amount === undefined) throw new DeskRefusal(`${name} is no amount with at most two decimals`);
  return amount;
}

function finite(text: string | undefined, name: string): number {
  if (text === undefined || !/^-?\d{1,12}(?:\.\d{1,6})?$/.test(text)) throw new DeskRefusal(`${name} is no number`);
  return Number(text);
}
