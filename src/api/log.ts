/** Facts, never payloads: ids, codes, digests, counts. */
export type LogFacts = Readonly<Record<string, string | number | boolean>>;

export interface ApiLog {
  info(event: string, facts: LogFacts): void;
  error(event: string, facts: LogFacts, cause?: unknown): void;
}
