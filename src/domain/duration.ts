const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `30s`, `8h`, `2d`. Throws a RangeError on any other form; edges have parsed it before. */
export function durationMs(text: string): number {
  const match = /^([1-9][0-9]{0,6})(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new RangeError(`not a duration: ${text}`);
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
