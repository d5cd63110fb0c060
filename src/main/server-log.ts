import { pino } from 'pino';
import type { ApiLog } from '../api/log.ts';

/** One log for every role: facts and codes, never payloads. */
export interface ServerLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** JSON lines to a file descriptor or path. Values under names that hold secrets are replaced, wherever a mistake puts them. */
export function createServerLog(destination: string | number, level: string): ServerLog {
  const secrets = ['token', 'apiKey', 'password', 'secret', 'authorization', 'cookie', 'args', 'text'];
  const paths = secrets.flatMap((name) => [name, `*.${name}`]);
  return pino(
    { level, redact: { paths, censor: '[redacted]' } },
    pino.destination({ dest: destination, mkdir: true, mode: 0o600 }),
  );
}

/** The API names its events first; an unexpected cause is logged by name and stack, without the message’s data. */
export function apiLogOver(log: ServerLog): ApiLog {
  return {
    info: (event, facts) => log.info(facts, event),
    error: (event, facts, cause) =>
      log.error({ ...facts, ...(cause instanceof Error ? { cause: cause.name, stack: cause.stack } : {}) }, event),
  };
}
