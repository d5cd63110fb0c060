import { shownLine } from '../terminal/shown-text.ts';

/** `1,240.50 EUR`: at least two decimals, and never fewer than were given; what is no plain decimal stays as it is. */
export function moneyWords(amount: string, currency: string): string {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(amount) ?? [];
  const shown =
    whole === '' ? shownLine(amount) : `${sign}${whole.replace(/\B(?=([0-9]{3})+$)/g, ',')}.${decimals.padEnd(2, '0')}`;
  return `${shown} ${shownLine(currency)}`;
}
