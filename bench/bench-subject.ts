import { join } from 'node:path';

/** What both sides of the comparison share: one Temporal server, one model host, one tool server, one codec. */
export interface BenchEnvironment {
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** OpenAI-compatible, in a process of its own; see `bench-model.ts` for what it answers. */
  readonly modelBaseUrl: string;
  /** MCP over streamable HTTP, in a process of its own; its one tool is `note`. */
  readonly toolServerUrl: string;
  /** Also the clock of effects: told a run, the tool server's process answers when its calls came, in epoch ms. */
  readonly toolArrivals: (runId: string) => Promise<readonly number[]>;
  /** Data folder of the governed side; its `keys` seal the payloads of both. */
  readonly dataFolder: string;
}

/** What a worker's process is told of it. */
export type WorkerEnvironment = Omit<BenchEnvironment, 'toolArrivals'>;

export const keysFolderOf = ({ dataFolder }: Pick<BenchEnvironment, 'dataFolder'>): string => join(dataFolder, 'keys');

export function workerArguments({ toolArrivals: _, ...environment }: BenchEnvironment): readonly string[] {
  return [JSON.stringify(environment satisfies WorkerEnvironment)];
}

/** In a worker's process. */
export function readWorkerEnvironment(args: readonly string[]): WorkerEnvironment {
  return JSON.parse(args[2] ?? '{}') as WorkerEnvironment;
}

export interface BenchRun {
  /** Sent to the model host as `countersign-run-id`: its requests are told apart by it. */
  readonly runId: string;
  /** Goes into the task as `Take N steps.`, which is all that the model goes by. */
  readonly steps: number;
  /** What the model says beside each call; lengthens the transcript. A token is about four bytes. */
  readonly bytesEach?: number;
}

export interface HistorySize {
  readonly events: number;
  readonly bytes: number;
}

export interface ProcessUsage {
  readonly residentBytes: number;
  /** Processor time since its start, of all its threads, in milliseconds. */
  readonly cpuMs: number;
}

/** In a worker's process. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage().rss, cpuMs: (user + system) / 1_000 };
}

/** One side of the comparison. A step is one model call and one tool call. */
export interface BenchSubject {
  readonly name: string;
  /** Starts workers and whatever else is needed, outside of any measured time. */
  start(environment: BenchEnvironment): Promise<void>;
  /** Starts one run and waits until it has ended well; throws if it ends otherwise. */
  run(run: BenchRun): Promise<void>;
  /** Of a run that has ended, all links of a continued chain together. */
  history(runId: string): Promise<HistorySize>;
  /** Of this side's own process; Temporal server, model host and tool server are others. */
  usage(): Promise<ProcessUsage>;
  /** What only this side can measure, by name, in milliseconds; several samples a name. One call is one round. */
  latencies?(runId: string): Promise<Readonly<Record<string, readonly number[]>>>;
  stop(): Promise<void>;
}

/** The task of a run; the model of the benchmark reads its numbers from it. */
export function benchTask({ steps, bytesEach }: BenchRun): string {
  const saying = bytesEach === undefined ? '' : ` Say ${bytesEach} bytes with each.`;
  return `Take ${steps} steps.${saying} Note each of them, then say that you are done.`;
}
