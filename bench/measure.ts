import type { BenchSubject } from './bench-subject.ts';
import type { Child } from './child-process.ts';

export interface BenchPlan {
  /** Steps of each side before anything is measured, so that the machine code is there. */
  readonly settlingSteps: number;
  readonly rounds: number;
  /** Dropped at the beginning of each run. */
  readonly warmUpSteps: number;
  readonly steps: number;
  readonly concurrentRounds: number;
  readonly concurrentRuns: number;
  readonly stepsEach: number;
  /** Of one activity round trip, and of verdict to effect. */
  readonly latencyRounds: number;
  /** One long run, to see that its history grows with the steps and not with the transcript; null: none. */
  readonly long: { readonly steps: number; readonly bytesEach: number } | null;
}

export const fullPlan: BenchPlan = {
  settlingSteps: 300,
  rounds: 8,
  warmUpSteps: 10,
  steps: 60,
  concurrentRounds: 4,
  concurrentRuns: 32,
  stepsEach: 16,
  latencyRounds: 4,
  long: { steps: 200, bytesEach: 4_000 },
};
export const quickPlan: BenchPlan = {
  settlingSteps: 30,
  rounds: 3,
  warmUpSteps: 5,
  steps: 25,
  concurrentRounds: 1,
  concurrentRuns: 32,
  stepsEach: 6,
  latencyRounds: 1,
  long: null,
};

/** Run ids are new for every run of the benchmark, so that a server with old data can be used. */
export function createRunIds(): (subject: BenchSubject, what: string) => string {
  const started = Date.now().toString(36);
  let count = 0;
  return ({ name }, what) => {
    count += 1;
    return `${started}-${name}-${what}-${count}`;
  };
}

/**
 * Milliseconds of each step of one run: from one request at the model host to the next. The host's clock serves
 * both sides alike and needs nothing inside of them. The first steps of a run are dropped as warm-up.
 */
export async function measureSteps(
  subject: BenchSubject,
  modelHost: Child,
  runId: string,
  plan: BenchPlan,
): Promise<{ readonly steps: number[]; readonly cpuMsPerStep: number }> {
  const all = plan.warmUpSteps + plan.steps;
  const before = await subject.usage();
  await subject.run({ runId, steps: all });
  const after = await subject.usage();
  const arrivals = (await modelHost.ask(runId)) as number[];
  const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
  if (gaps.length < all) throw new Error(`${subject.name} took ${gaps.length} steps where ${all} were asked for`);
  return { steps: gaps.slice(-plan.steps), cpuMsPerStep: (after.cpuMs - before.cpuMs) / all };
}

export interface Throughput {
  /** Steps a second from when the last run has begun until the first one has ended. */
  readonly steady: number;
  /** Steps a second from the first start to the last end. */
  readonly whole: number;
}

/** Of runs at once, by the clock of the model host. What precedes a run's first step counts for the whole only. */
export async function measureThroughput(
  subject: BenchSubject,
  modelHost: Child,
  runIds: readonly string[],
  stepsEach: number,
): Promise<Throughput> {
  const begun = performance.now();
  await Promise.all(runIds.map((runId) => subject.run({ runId, steps: stepsEach })));
  const whole = (runIds.length * stepsEach * 1_000) / (performance.now() - begun);
  const steps: (readonly number[])[] = [];
  for (const runId of runIds) steps.push(((await modelHost.ask(runId)) as number[]).slice(-(stepsEach + 1)));
  return { steady: steadyRate(steps) ?? whole, whole };
}

/**
 * Arrivals a second from when the last run had its first one until the first run had its last one, of times in
 * milliseconds. Undefined where the runs were not all under way at any time.
 */
export function steadyRate(arrivals: readonly (readonly number[])[]): number | undefined {
  const from = Math.max(...arrivals.map((times) => times[0] ?? Number.NaN));
  const to = Math.min(...arrivals.map((times) => times.at(-1) ?? Number.NaN));
  if (!(to > from)) return undefined;
  return (arrivals.flat().filter((at) => at > from && at <= to).length * 1_000) / (to - from);
}

/** A step of a run whose transcript grows to hundreds of thousands of tokens, start and end spread over its steps. */
export async function measureLongRun(
  subject: BenchSubject,
  runId: string,
  long: NonNullable<BenchPlan['long']>,
): Promise<HistoryPerStep> {
  await subject.run({ runId, ...long });
  const { events, bytes } = await subject.history(runId);
  return { events: events / long.steps, bytes: bytes / long.steps };
}

export interface HistoryPerStep {
  readonly events: number;
  readonly bytes: number;
}

/** What one more step adds: the difference of a long and a short run, so that start and end do not count. */
export async function measureHistory(
  subject: BenchSubject,
  nextRunId: (what: string) => string,
): Promise<HistoryPerStep> {
  const [few, many] = [10, 40];
  const sizes = [];
  for (const steps of [few, many]) {
    const runId = nextRunId('history');
    await subject.run({ runId, steps });
    sizes.push(await subject.history(runId));
  }
  const [short, long] = sizes;
  if (!short || !long) throw new Error('unreachable');
  return { events: (long.events - short.events) / (many - few), bytes: (long.bytes - short.bytes) / (many - few) };
}
