import { describe, expect, test } from 'vitest';
import type { BenchReport, SubjectResult } from '../../../bench/compare.ts';
import { oneRoundTrip, verdictToEffect } from '../../../bench/latency-names.ts';
import { quickPlan } from '../../../bench/measure.ts';
import { reportTable } from '../../../bench/report-table.ts';
import { targetResults } from '../../../bench/targets.ts';

const subject = (name: string, latencyMs: SubjectResult['latencyMs']): SubjectResult => ({
  name,
  stepMs: { p50: 30, p95: 40 },
  roundP50: [30],
  stepsPerSecond: 40,
  roundStepsPerSecond: [40],
  wholeStepsPerSecond: 35,
  historyPerStep: { events: 12, bytes: 4_000 },
  longRunPerStep: null,
  residentBytes: 400_000_000,
  cpuMsPerStep: 15,
  latencyMs,
});

const ratio = (value: number) => ({
  ofMedians: value,
  pairwise: { median: value, lowest: value, highest: value },
});

const report = (wanted: { readonly step: number; readonly effectMs: number }): BenchReport => ({
  machine: {
    platform: 'linux',
    architecture: 'x64',
    cores: 2,
    memoryBytes: 24e9,
    node: '24.0.0',
    loadBefore: 0,
  },
  plan: quickPlan,
  subjects: [subject('plain', { [oneRoundTrip]: 10 }), subject('governed', { [verdictToEffect]: wanted.effectMs })],
  comparisons: [
    {
      subject: 'governed',
      baseline: 'plain',
      stepP50: ratio(wanted.step),
      stepP95: 1.2,
      throughput: ratio(1.2),
    },
  ],
  temporalResidentBytes: null,
  demo: null,
  inbox: null,
});

describe('a target', () => {
  test('is met up to its limit and missed beyond it', () => {
    const results = targetResults(report({ step: 1.15, effectMs: 20.1 }));
    expect(results.find(({ name }) => name === 'governed step at p50')).toMatchObject({ met: true });
    expect(results.find(({ name }) => name.startsWith(verdictToEffect))).toMatchObject({ met: false, limit: 2 });
  });

  test('that was not measured is not judged', () => {
    const names = targetResults(report({ step: 1, effectMs: 1 })).map(({ name }) => name);
    expect(names.filter((name) => /demo|memory/.test(name))).toEqual([]);
  });

  test('that is missed says by how much', () => {
    const missed = report({ step: 1.38, effectMs: 10 });
    const line = reportTable(missed, targetResults(missed))
      .split('\n')
      .find((text) => text.includes('governed step'));
    expect(line).toMatch(/1\.38 × +1\.15 × +missed by 20 %/);
  });
});

test('the table fits a terminal of 100 columns', () => {
  const wide = report({ step: 1.2, effectMs: 10 });
  const widths = reportTable(wide, targetResults(wide))
    .split('\n')
    .map((line) => line.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(100);
});
