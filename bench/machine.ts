import { availableParallelism, loadavg, platform, totalmem } from 'node:os';
import process from 'node:process';

/** Where the numbers were taken; numbers of two machines say nothing about each other. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** Processes that wanted a core in the last minute, before the first measurement. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    platform: platform(),
    architecture: process.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    loadBefore: loadavg()[0] ?? 0,
  };
}
