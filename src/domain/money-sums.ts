import type { Money } from './sheet-headline.ts';

const decimals = 6;
const decimalText = /^(-?)(\d+)(?:\.(\d{1,6}))?$/;

/** Exact sums by currency, in the order in which the currencies come; what is no decimal number of six places is left out. */
export function sumsOf(moneys: readonly Money[]): readonly Money[] {
  const sums = new Map<string, { readonly units: bigint; readonly places: number }>();
  for (const { amount, currency } of moneys) {
    const [, sign, whole = '', fraction = ''] = decimalText.exec(amount) ?? [];
    if (whole === '') continue;
    const units = BigInt(`${sign}${whole}${fraction.padEnd(decimals, '0')}`);
    const before = sums.get(currency) ?? { units: 0n, places: 0 };
    sums.set(currency, { units: before.units + units, places: Math.max(before.places, fraction.length) });
  }
  return [...sums].map(([currency, { units, places }]) => ({ amount: textOf(units, places), currency }));
}

function textOf(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).slice(0, places);
  return `${sign}${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`;
}
