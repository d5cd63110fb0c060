import { isValidIban } from './iban.ts';
import type { Invoice } from './invoice.ts';

export interface InvoiceChecks {
  readonly linesAddUp: boolean;
  readonly totalsAddUp: boolean;
  readonly ibanValid: boolean;
  /** One sentence a failed check, for people. */
  readonly problems: readonly string[];
}

/** Arithmetic and form only: whether the invoice agrees with itself, not whether it is true. */
export function checkInvoice(invoice: Invoice): InvoiceChecks {
  const { netTotal, taxTotal, lines, payableAmount, iban } = invoice;
  const lineSum = lines.reduce((sum, line) => sum + line.amount, 0);
  const linesAddUp = lines.length === 0 || (lineSum === netTotal && lines.every(lineAddsUp));
  const totalsAddUp = netTotal === undefined ? lines.length === 0 : netTotal + (taxTotal ?? 0) === payableAmount;
  const ibanValid = iban !== undefined && isValidIban(iban);
  return {
    linesAddUp,
    totalsAddUp,
    ibanValid,
    problems: [
      ...(linesAddUp ? [] : ['The lines do not add up to the net total.']),
      ...(totalsAddUp ? [] : ['Net total and tax do not add up to the amount due.']),
      ...(ibanValid || invoice.kind === 'credit-note' ? [] : ['There is no valid IBAN.']),
    ],
  };
}

/** EN 16931 lets a line round once, so half a cent either way is no error. */
function lineAddsUp({ quantity, unitPrice, amount }: Invoice['lines'][number]): boolean {
  return Math.abs(quantity * unitPrice * 100 - amount) <= 0.5 + 1e-6;
}
