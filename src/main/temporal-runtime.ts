import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { ServerLog } from './server-log.ts';

let log: ServerLog | undefined;

/**
 * The SDK has one runtime a process, made by whoever comes first. Ours writes into our log instead of over the
 * terminal, and leaves the signals of the process to us: a worker must not stop before the API has.
 */
export function installTemporalRuntime(destination: ServerLog): void {
  if (log === undefined) {
    Runtime.install({
      shutdownSignals: [],
      logger: new DefaultLogger('WARN', write),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} } },
    });
  }
  log = destination;
}

/** Messages and error types only: metadata of the SDK may hold payloads. */
function write({ level, message, meta }: LogEntry): void {
  const facts = {
    source: 'temporal',
    workflowId: meta?.['workflowId'],
    activityType: meta?.['activityType'],
    error: nameOf(meta?.['error']),
  };
  if (level === 'ERROR') log?.error(facts, message);
  else log?.warn(facts, message);
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? `${error.name}: ${error.message}` : undefined;
}
