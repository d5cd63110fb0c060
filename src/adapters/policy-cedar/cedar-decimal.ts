/** Beyond 15 significant digits two decimals can share one double, so the number may not be what was written. */
const maxSignificantDigits = 15;

/**
 * A JSON number as Cedar's `decimal`: exactly, with one to four decimal places.
 * Undefined where it does not fit: more places, an exponent, too many digits.
 */
export function cedarDecimal(value: number): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(Object.is(value, -0) ? '0' : String(value));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (`${whole}${fraction}`.replace(/^0+/, '').length > maxSignificantDigits) return undefined;
  const text = `${sign}${whole}.${fraction || '0'}`;
  return inRange(whole, fraction) ? text : undefined;
}

/** Cedar keeps a decimal as a signed 64-bit count of ten-thousandths. */
function inRange(whole: string, fraction: string): boolean {
  return BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0')) < 2n ** 63n;
}
