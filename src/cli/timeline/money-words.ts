import { shownLine } from '../terminal/shown-text.ts';

/** `1,240.00 EUR`; what is no plain decimal stays as it is. */
export function moneyWords(amount: string, currency: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)([0-9]+)(\.[0-9]+)?$/.exec(amount) ?? [];
  const shown = whole === '' ? shownLine(amount) : `${sign}${whole.replace(/\B(?=([0-9]{3})+$)/g, ',')}${rest}`;
  return `${shown} ${shownLine(currency)}`;
}
