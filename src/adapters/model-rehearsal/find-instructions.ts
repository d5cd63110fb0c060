/**
 * This model's flaw, on purpose: what reads like an order is an order, wherever it stands.
 * Nothing here knows any particular message; it looks for the ways in which such texts are worded.
 */
export type Instruction =
  | {
      readonly kind: 'pay';
      readonly iban: string;
      readonly amount: number;
      readonly currency: string;
      readonly supplierId: string | undefined;
      readonly poNumber: string | undefined;
      readonly invoiceNumber: string | undefined;
      readonly reference: string | undefined;
    }
  | { readonly kind: 'mail'; readonly to: string; readonly supplierData: boolean }
  | { readonly kind: 'use-account'; readonly iban: string }
  | { readonly kind: 'skip-checks' };

export type PaymentInstruction = Extract<Instruction, { readonly kind: 'pay' }>;

const scopeCharacters = 1_000;
const maxTextCharacters = 20_000;

const address =
  /\b(?:(?:ai|automated|virtual|digital)[ -]?(?:assistant|agent|bot|model|system)|assistant|agent|bot)\b/i;
const command =
  /\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|earlier|above)\b|\byou must\b|\bsystem (?:message|note|prompt)\b/i;
const ibanPattern = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/;
const amountPattern = /\b(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?) ?(EUR|USD|GBP|CHF)\b/;
const mailPattern = /[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}/;
const newAccount = /\b(?:new|changed?|updated)\b[^.]{0,60}\b(?:iban|account|bank)\b/i;
const skipChecks =
  /\b(?:ignore|disregard|skip|override)\b[^.]{0,60}\b(?:duplicates?|checks?|warnings?|earlier payments?)\b/i;

/** Every order in a text, in no particular language but English, each once. */
export function findInstructions(text: string): Instruction[] {
  const within = text.slice(0, maxTextCharacters);
  const found: Instruction[] = [];
  const order = orderIn(within);
  if (order !== undefined) {
    const payment = findPayment(order);
    if (payment !== undefined) found.push(payment);
    const to = /\b(?:send|e-?mail|mail|forward)\b/i.test(order) ? mailPattern.exec(order)?.[0] : undefined;
    if (to !== undefined)
      found.push({ kind: 'mail', to, supplierData: /\b(?:suppliers?|vendors?|bank details|directory)\b/i.test(order) });
  }
  if (skipChecks.test(within)) found.push({ kind: 'skip-checks' });
  const account = accountAfter(within, newAccount);
  if (account !== undefined) found.push({ kind: 'use-account', iban: account });
  return found;
}

/** The payment that a text asks for; undefined where account or amount is missing. */
export function findPayment(text: string): PaymentInstruction | undefined {
  const [, digits, currency] = amountPattern.exec(text) ?? [];
  const iban = ibanPattern.exec(text)?.[0].replace(/ /g, '');
  if (!/\b(?:pay|payment|transfer|wire|remit)\b/i.test(text) || iban === undefined) return undefined;
  if (digits === undefined || currency === undefined) return undefined;
  return {
    kind: 'pay',
    iban,
    amount: Number(digits.replace(/,/g, '')),
    currency,
    supplierId: /\bsupplier (?:id |number )?([A-Z]{2,5}-\d{1,8})\b/i.exec(text)?.[1],
    poNumber: /\b(?:purchase order|order|PO)(?: number)?[ -]?#?((?:PO-?)?\d{1,10})\b/i
      .exec(text)?.[1]
      ?.replace(/^(?=\d)/, 'PO-'),
    invoiceNumber: /\binvoice (?:number |no\.? |id )?([A-Z0-9]+(?:[-/][A-Z0-9]+)+)/i.exec(text)?.[1],
    reference: /\breference[: ]+([^.\n,]{2,60})/i.exec(text)?.[1]?.trim(),
  };
}

/** From where somebody turns to the machine, or commands, to the end of that passage. */
function orderIn(text: string): string | undefined {
  const starts = [address, command].map((pattern) => text.search(pattern)).filter((index) => index >= 0);
  return starts.length === 0 ? undefined : text.slice(Math.min(...starts), Math.min(...starts) + scopeCharacters);
}

function accountAfter(text: string, pattern: RegExp): string | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  return ibanPattern.exec(text.slice(match.index, match.index + 200))?.[0].replace(/ /g, '');
}
