/** The value below which `share` of the samples lie, linear between neighbours (type 7 of Hyndman and Fan). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('no samples');
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Of ratios taken round by round: what disturbs the machine disturbs both sides of a round. */
export function pairwiseRatio(numerators: readonly number[], denominators: readonly number[]): Spread {
  const ratios = numerators.flatMap((value, round) => {
    const base = denominators[round];
    return base === undefined ? [] : [value / base];
  });
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
