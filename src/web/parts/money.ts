import type { Money } from '../../domain/sheet-headline.ts';
import { html, type Markup } from '../markup.ts';

/**
 * An amount in groups of three and its currency; the groups are space between elements, so that copying gives digits only.
 * A single decimal, as JSON numbers have it, is filled up to two: 1284.5 reads 1284.50. The exact text is in the arguments.
 */
export function moneyText({ amount, currency }: Money): Markup {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(amount) ?? [];
  if (whole === '') return html`<span class="money">${amount} ${currency}</span>`;
  const groups = inGroups(whole).map((group) => html`<span>${group}</span>`);
  return html`<span class="money"><span class="groups">${sign}${groups}</span>${rest.length === 2 ? `${rest}0` : rest} <span class="currency">${currency}</span></span>`;
}

/** `DE89370400440532013000` in groups of four; undefined where the text is no account number by its form. */
export function accountText(text: string): Markup | undefined {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return undefined;
  const groups = (text.match(/.{1,4}/g) ?? []).map((group) => html`<span>${group}</span>`);
  return html`<span class="account groups">${groups}</span>`;
}

function inGroups(digits: string): readonly string[] {
  const first = digits.length % 3;
  const groups = digits.slice(first).match(/\d{3}/g) ?? [];
  return first === 0 ? groups : [digits.slice(0, first), ...groups];
}
