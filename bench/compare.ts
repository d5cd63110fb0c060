import type { BenchSubject } from './bench-subject.ts';
import type { Child } from './child-process.ts';
import type { DemoMeasurement } from './demo/measure-demo.ts';
import { readProcess } from './demo/process-memory.ts';
import type { InboxMeasurement } from './inbox/measure-inbox.ts';
import type { Machine } from './machine.ts';
import {
  type BenchPlan,
  createRunIds,
  type HistoryPerStep,
  measureHistory,
  measureLongRun,
  measureSteps,
  measureThroughput,
  type Throughput,
} from './measure.ts';
import { median, pairwiseRatio, quantile, type Spread } from './statistics.ts';

export interface SubjectResult {
  readonly name: string;
  readonly stepMs: { readonly p50: number; readonly p95: number };
  /** The median of each round, in the order of the rounds. */
  readonly roundP50: readonly number[];
  /** While all of the runs are under way. */
  readonly stepsPerSecond: number;
  readonly roundStepsPerSecond: readonly number[];
  /** Over the whole runs, with their starts and ends. */
  readonly wholeStepsPerSecond: number;
  readonly historyPerStep: HistoryPerStep;
  readonly longRunPerStep: HistoryPerStep | null;
  readonly residentBytes: number;
  /** Processor time of this side's own process, in milliseconds a step of a run that has the machine for itself. */
  readonly cpuMsPerStep: number;
  /** Medians in milliseconds, of what only this side has. */
  readonly latencyMs: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly subject: string;
  readonly baseline: string;
  /** Of the medians over all rounds, and of each round's medians. */
  readonly stepP50: { readonly ofMedians: number; readonly pairwise: Spread };
  readonly stepP95: number;
  /** Baseline's throughput over the subject's: how many times longer the same work takes. */
  readonly throughput: { readonly ofMedians: number; readonly pairwise: Spread };
}

export interface BenchReport {
  readonly machine: Machine;
  readonly plan: BenchPlan;
  readonly subjects: readonly SubjectResult[];
  readonly comparisons: readonly Comparison[];
  /** Resident bytes of the Temporal server at the end; null where the system does not tell. */
  readonly temporalResidentBytes: number | null;
  readonly demo: DemoMeasurement | null;
  readonly inbox: InboxMeasurement | null;
}

export type ComparedReport = Omit<BenchReport, 'machine' | 'demo' | 'inbox'>;

interface Samples {
  readonly steps: number[][];
  readonly throughput: Throughput[];
  readonly latencies: Map<string, number[]>;
  readonly cpuMsPerStep: number[];
}

const noSamples = (): Samples => ({ steps: [], throughput: [], latencies: new Map(), cpuMsPerStep: [] });

/** The first subject is the baseline. Rounds alternate, and every other round turns the order round. */
export async function compare(settings: {
  readonly subjects: readonly BenchSubject[];
  readonly modelHost: Child;
  readonly plan: BenchPlan;
  readonly temporalPid: number | undefined;
  readonly progress: (sentence: string) => void;
}): Promise<ComparedReport> {
  const { subjects, modelHost, plan, progress } = settings;
  const nextRunId = createRunIds();
  const samples = new Map<BenchSubject, Samples>(subjects.map((subject) => [subject, noSamples()]));
  const samplesOf = (subject: BenchSubject): Samples => samples.get(subject) ?? noSamples();
  const inTurn = (round: number): readonly BenchSubject[] => (round % 2 === 0 ? subjects : subjects.toReversed());

  for (const subject of subjects)
    await subject.run({ runId: nextRunId(subject, 'warm-up'), steps: plan.settlingSteps });
  for (let round = 0; round < plan.rounds; round += 1) {
    progress(`steps, round ${round + 1} of ${plan.rounds}`);
    for (const subject of inTurn(round)) {
      const { steps, cpuMsPerStep } = await measureSteps(subject, modelHost, nextRunId(subject, 'steps'), plan);
      samplesOf(subject).steps.push(steps);
      samplesOf(subject).cpuMsPerStep.push(cpuMsPerStep);
    }
  }
  for (let round = 0; round < plan.concurrentRounds; round += 1) {
    progress(`${plan.concurrentRuns} runs at once, round ${round + 1} of ${plan.concurrentRounds}`);
    for (const subject of inTurn(round)) {
      const runIds = Array.from({ length: plan.concurrentRuns }, () => nextRunId(subject, 'at-once'));
      samplesOf(subject).throughput.push(await measureThroughput(subject, modelHost, runIds, plan.stepsEach));
    }
  }
  for (let round = 0; round < plan.latencyRounds; round += 1) {
    progress(`round trips and approvals, round ${round + 1} of ${plan.latencyRounds}`);
    for (const subject of inTurn(round)) {
      for (const [name, times] of Object.entries((await subject.latencies?.(nextRunId(subject, 'latency'))) ?? {})) {
        const { latencies } = samplesOf(subject);
        latencies.set(name, [...(latencies.get(name) ?? []), ...times]);
      }
    }
  }
  progress('history and memory');
  const results: SubjectResult[] = [];
  for (const subject of subjects)
    results.push(await resultOf(subject, plan, samplesOf(subject), (what) => nextRunId(subject, what)));
  const [baseline, ...others] = results;
  const temporal = settings.temporalPid === undefined ? undefined : await readProcess(settings.temporalPid);
  return {
    plan,
    subjects: results,
    comparisons: baseline ? others.map((result) => comparisonOf(result, baseline)) : [],
    temporalResidentBytes: temporal?.residentBytes ?? null,
  };
}

async function resultOf(
  subject: BenchSubject,
  { long }: BenchPlan,
  { steps, throughput, latencies, cpuMsPerStep }: Samples,
  nextRunId: (what: string) => string,
): Promise<SubjectResult> {
  const all = steps.flat();
  return {
    name: subject.name,
    stepMs: { p50: median(all), p95: quantile(all, 0.95) },
    roundP50: steps.map(median),
    stepsPerSecond: median(throughput.map(({ steady }) => steady)),
    roundStepsPerSecond: throughput.map(({ steady }) => steady),
    wholeStepsPerSecond: median(throughput.map(({ whole }) => whole)),
    historyPerStep: await measureHistory(subject, nextRunId),
    longRunPerStep: long && (await measureLongRun(subject, nextRunId('long'), long)),
    residentBytes: (await subject.usage()).residentBytes,
    cpuMsPerStep: median(cpuMsPerStep),
    latencyMs: Object.fromEntries([...latencies].map(([name, times]) => [name, median(times)])),
  };
}

function comparisonOf(subject: SubjectResult, baseline: SubjectResult): Comparison {
  return {
    subject: subject.name,
    baseline: baseline.name,
    stepP50: {
      ofMedians: subject.stepMs.p50 / baseline.stepMs.p50,
      pairwise: pairwiseRatio(subject.roundP50, baseline.roundP50),
    },
    stepP95: subject.stepMs.p95 / baseline.stepMs.p95,
    throughput: {
      ofMedians: baseline.stepsPerSecond / subject.stepsPerSecond,
      pairwise: pairwiseRatio(baseline.roundStepsPerSecond, subject.roundStepsPerSecond),
    },
  };
}
