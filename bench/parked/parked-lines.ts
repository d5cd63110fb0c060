import { cachedWorkflows, type ParkedMeasurement } from './measure-parked.ts';

/** The measurement as text for a terminal. */
export function parkedLines(parked: ParkedMeasurement): string {
  const { runs, parkingSeconds, before, restartSeconds, after, answered, effectMs } = parked;
  const line = (label: string, value: string): string => `  ${label.padEnd(52)}${value.padStart(14)}`;
  return [
    `${runs.toLocaleString('en-US')} runs that wait for people, ${cachedWorkflows} of them in the worker's cache`,
    line('from the first start to the last open question', `${parkingSeconds.toFixed(0)} s`),
    line('processor time at rest', `${before.cpuMsPerSecond.toFixed(0)} ms/s`),
    line('resident memory, Temporal server', `${mib(before.residentBytes)}, ${mib(before.temporalResidentBytes)}`),
    line('everything started again: ready after', `${restartSeconds.toFixed(1)} s`),
    line('processor time at rest, after the restart', `${after.cpuMsPerSecond.toFixed(0)} ms/s`),
    line('resident memory, Temporal server', `${mib(after.residentBytes)}, ${mib(after.temporalResidentBytes)}`),
    line(
      `verdict → effect of ${answered} of them, p50, p95`,
      `${effectMs.p50.toFixed(0)} ms, ${effectMs.p95.toFixed(0)} ms`,
    ),
    line('runs lost, effects without an answer', 'none'),
  ].join('\n');
}

const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
