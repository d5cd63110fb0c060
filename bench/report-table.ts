import { assertNever } from '../src/domain/assert-never.ts';
import type { BenchReport, Comparison, SubjectResult } from './compare.ts';
import type { Percentiles } from './inbox/measure-inbox.ts';
import type { TargetResult } from './targets.ts';

const width = { label: 34, value: 16 };

/** The report as text for a terminal of 100 columns. */
export function reportTable(report: BenchReport, targets: readonly TargetResult[]): string {
  return [
    ...(report.subjects.length === 0 ? [] : subjectLines(report)),
    ...report.comparisons.flatMap(comparisonLines),
    ...inboxLines(report.inbox),
    ...targetLines(targets),
  ].join('\n');
}

function subjectLines(report: BenchReport): string[] {
  const { subjects } = report;
  const row = (label: string, of: (subject: SubjectResult) => string): string =>
    label.padEnd(width.label) + subjects.map((subject) => of(subject).padStart(width.value)).join('');
  const lines = [
    row('', ({ name }) => name),
    row('step, p50', ({ stepMs }) => ms(stepMs.p50)),
    row('step, p95', ({ stepMs }) => ms(stepMs.p95)),
    row(`steps/s, ${report.plan.concurrentRuns} runs at once`, ({ stepsPerSecond }) => stepsPerSecond.toFixed(1)),
    row('  starts and ends counted', ({ wholeStepsPerSecond }) => wholeStepsPerSecond.toFixed(1)),
    row('history events a step', ({ historyPerStep }) => historyPerStep.events.toFixed(1)),
    row('history bytes a step', ({ historyPerStep }) => Math.round(historyPerStep.bytes).toString()),
    ...longRows(report, row),
    row('processor time a step', ({ cpuMsPerStep }) => ms(cpuMsPerStep)),
    row('resident memory', ({ residentBytes }) => megabytes(residentBytes)),
    ...latencyNames(subjects).map((name) =>
      row(name, ({ latencyMs }) => (latencyMs[name] === undefined ? '–' : ms(latencyMs[name]))),
    ),
  ];
  const server = report.temporalResidentBytes;
  return server === null ? lines : [...lines, '', `Temporal server: ${megabytes(server)} resident`];
}

function inboxLines(inbox: BenchReport['inbox']): string[] {
  if (inbox === null) return [];
  const line = (name: string, { p50, p95 }: Percentiles, more = ''): string =>
    `  ${name.padEnd(40)}p50 ${ms(p50).padStart(10)}   p95 ${ms(p95).padStart(10)}${more}`;
  return [
    '',
    `inbox, ${inbox.waiting} approvals waiting`,
    line('inbox page, first byte', inbox.inboxMs),
    line('approval page, first byte', inbox.approvalMs),
    line(`asked → told to ${inbox.openInboxes} open inboxes`, inbox.liveMs, `   worst ${ms(inbox.liveMs.highest)}`),
  ];
}

function longRows(
  { plan }: BenchReport,
  row: (label: string, of: (subject: SubjectResult) => string) => string,
): string[] {
  if (plan.long === null) return [];
  const what = `in ${plan.long.steps} steps, ${Math.round((plan.long.steps * plan.long.bytesEach) / 4_000)}k tokens`;
  return [
    row(`  events ${what}`, ({ longRunPerStep }) => (longRunPerStep?.events ?? 0).toFixed(1)),
    row(`  bytes ${what}`, ({ longRunPerStep }) => Math.round(longRunPerStep?.bytes ?? 0).toString()),
  ];
}

function comparisonLines({ subject, baseline, stepP50, stepP95, throughput }: Comparison): string[] {
  const ratio = (value: number): string => `${value.toFixed(3)} ×`;
  const rounds = (spread: Comparison['stepP50']['pairwise']): string =>
    `round by round ${ratio(spread.median)} (${spread.lowest.toFixed(3)}–${spread.highest.toFixed(3)})`;
  return [
    '',
    `${subject} : ${baseline}`,
    `  step p50     ${ratio(stepP50.ofMedians)}   ${rounds(stepP50.pairwise)}`,
    `  step p95     ${ratio(stepP95)}`,
    `  throughput   ${ratio(throughput.ofMedians)}   ${rounds(throughput.pairwise)}`,
  ];
}

function targetLines(targets: readonly TargetResult[]): string[] {
  const line = ({ name, unit, limit, measured, met }: TargetResult): string => {
    const verdict = met ? 'met' : `missed by ${((measured / limit - 1) * 100).toFixed(0)} %`;
    return `  ${name.padEnd(48)}${amount(measured, unit).padStart(16)}   ${amount(limit, unit).padStart(14)}   ${verdict}`;
  };
  return ['', `${'targets'.padEnd(50)}${'measured'.padStart(16)}   ${'at most'.padStart(14)}`, ...targets.map(line)];
}

function amount(value: number, unit: TargetResult['unit']): string {
  switch (unit) {
    case '×':
      return `${value.toFixed(2)} ×`;
    case 'events':
      return `${value.toFixed(1)} events`;
    case 's':
      return `${value.toFixed(1)} s`;
    case 'ms':
      return ms(value);
    case 'bytes':
      return value < 1e6 ? `${(value / 1e3).toFixed(1)} KB` : `${(value / 1e9).toFixed(2)} GB`;
    default:
      return assertNever(unit);
  }
}

const latencyNames = (subjects: readonly SubjectResult[]): string[] => [
  ...new Set(subjects.flatMap(({ latencyMs }) => Object.keys(latencyMs))),
];
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
