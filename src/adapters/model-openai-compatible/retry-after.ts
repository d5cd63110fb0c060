const longestWaitMs = 3_600_000;

/**
 * How long the host asks to wait, in milliseconds, at most an hour: `retry-after-ms`, else `Retry-After`
 * in seconds or as a date (RFC 9110, section 10.2.3). Null where it says nothing that can be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const precise = headers['retry-after-ms'];
  if (precise !== undefined && /^\d+(\.\d+)?$/.test(precise)) return bounded(Number(precise));
  const value = headers['retry-after'];
  if (value === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return bounded(Number(value) * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : bounded(date - now);
}

const bounded = (ms: number): number => Math.min(Math.max(Math.ceil(ms), 0), longestWaitMs);
