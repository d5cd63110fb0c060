import type { BenchReport } from './compare.ts';
import { oneRoundTrip, verdictToEffect } from './latency-names.ts';

/** One promise about speed or size, and whether this run kept it. */
export interface TargetResult {
  readonly name: string;
  readonly unit: '×' | 'events' | 'bytes' | 's' | 'ms';
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

type Measured = Omit<TargetResult, 'met'>;

/** What could be measured in this run; the others are left out. */
export function targetResults(report: BenchReport): readonly TargetResult[] {
  return [...comparedTargets(report), ...historyTargets(report), ...demoTargets(report), ...inboxTargets(report)].map(
    (target) => ({
      ...target,
      met: target.measured <= target.limit,
    }),
  );
}

function comparedTargets({ subjects, comparisons }: BenchReport): readonly Measured[] {
  const roundTrip = subjects.map(({ latencyMs }) => latencyMs[oneRoundTrip]).find((ms) => ms !== undefined);
  const effect = subjects.map(({ latencyMs }) => latencyMs[verdictToEffect]).find((ms) => ms !== undefined);
  const [comparison] = comparisons;
  return [
    ...(comparison === undefined
      ? []
      : [
          {
            name: 'governed step at p50',
            unit: '×',
            limit: 1.15,
            measured: comparison.stepP50.pairwise.median,
          } as const,
          {
            name: 'throughput, runs at once',
            unit: '×',
            limit: 1.25,
            measured: comparison.throughput.pairwise.median,
          } as const,
        ]),
    ...(roundTrip === undefined || effect === undefined
      ? []
      : [{ name: `${verdictToEffect}, in round trips`, unit: '×', limit: 2, measured: effect / roundTrip } as const]),
  ];
}

const maxEvents = 14;
const maxBytes = 12_000;

function historyTargets({ subjects, plan }: BenchReport): readonly Measured[] {
  const governed = subjects.find(({ name }) => name === 'governed');
  if (governed === undefined) return [];
  const { historyPerStep: step, longRunPerStep: long } = governed;
  return [
    { name: 'history of a step', unit: 'events', limit: maxEvents, measured: step.events },
    { name: 'history of a step', unit: 'bytes', limit: maxBytes, measured: step.bytes },
    ...(long === null || plan.long === null
      ? []
      : ([
          { name: `the same, over ${plan.long.steps} steps`, unit: 'events', limit: maxEvents, measured: long.events },
          { name: `the same, over ${plan.long.steps} steps`, unit: 'bytes', limit: maxBytes, measured: long.bytes },
        ] as const)),
  ];
}

function demoTargets({ demo }: BenchReport): readonly Measured[] {
  if (demo === null) return [];
  const { readySeconds, firstActionSeconds, wholeSeconds, peakResidentBytes } = demo;
  return [
    { name: 'npm run demo is ready', unit: 's', limit: 10, measured: readySeconds },
    { name: 'its first action', unit: 's', limit: 10, measured: firstActionSeconds },
    { name: 'the whole of it', unit: 's', limit: 60, measured: wholeSeconds },
    ...(peakResidentBytes === null
      ? []
      : [{ name: 'its memory, Temporal included', unit: 'bytes', limit: 1.3e9, measured: peakResidentBytes } as const]),
  ];
}

function inboxTargets({ inbox }: BenchReport): readonly Measured[] {
  if (inbox === null) return [];
  const { waiting, inboxMs, approvalMs, liveMs } = inbox;
  return [
    { name: `inbox, ${waiting} waiting, first byte p95`, unit: 'ms', limit: 150, measured: inboxMs.p95 },
    { name: 'approval page, first byte p95', unit: 'ms', limit: 200, measured: approvalMs.p95 },
    { name: 'question asked → shown in open inboxes, worst', unit: 'ms', limit: 1_000, measured: liveMs.highest },
  ];
}
